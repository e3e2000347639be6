/** The body of a request, of which little is read: nobody is to fill the memory, and an object of a few words is all that is ever wanted. */

const BODY_BYTES_MAX = 8192;

/** A JSON object, or the status of the answer to a body that is none. */
export type ObjectBody = { readonly object: Readonly<Record<string, unknown>> } | { readonly refused: 400 | 413 };

/** Reads the JSON object in the body; no body is an empty one. What can't be read or parsed is the client's doing. */
export async function readObject({ body, headers }: Request): Promise<ObjectBody> {
  if (body === null) return { object: {} };
  if (Number(headers.get("content-length") ?? "0") > BODY_BYTES_MAX) return { refused: 413 };
  try {
    const chunks: Uint8Array[] = [];
    let byteCount = 0;
    for await (const chunk of body) {
      byteCount += chunk.length;
      if (byteCount > BODY_BYTES_MAX) return { refused: 413 };
      chunks.push(chunk);
    }
    return byteCount === 0 ? { object: {} } : parseObject(Buffer.concat(chunks).toString("utf8"));
  } catch {
    // The connection has ended before the body.
    return { refused: 400 };
  }
}

function parseObject(text: string): ObjectBody {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? { object: value as Readonly<Record<string, unknown>> } : { refused: 400 };
  } catch {
    return { refused: 400 };
  }
}

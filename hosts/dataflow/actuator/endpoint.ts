/** What an endpoint is, whatever serves it: operations on its path and on the paths below it. */

/** The endpoints that there are, by Boot's ids. */
export const ENDPOINT_IDS = ["bindings", "env", "health", "info", "loggers", "metrics", "prometheus", "shutdown"] as const;

export type EndpointId = (typeof ENDPOINT_IDS)[number];

export type Method = "GET" | "POST";

/** Boot's EndpointMediaTypes, in its order. */
export const ACTUATOR_TYPES: readonly string[] = [
  "application/vnd.spring-boot.actuator.v3+json",
  "application/vnd.spring-boot.actuator.v2+json",
  "application/json",
];

/** A request, as far as operations look at it. */
export interface OperationRequest {
  /** Scheme, host and port that were asked for. */
  readonly origin: string;
  /** What stands in the place of the operation's path variable, decoded; empty where there is none. */
  readonly selector: string;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  /** The media type that the answer has, or null where the operation negotiates it or answers nothing. */
  readonly type: string | null;
  /** Whether it came with the administrator's credentials. */
  readonly isAdmin: boolean;
  /** The JSON of the body; empty when there was none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What an operation answers. Null members are for the answers that Boot's error page has. */
export type Answer =
  | { readonly status: number; readonly json: object }
  | { readonly status: 200; readonly text: string; readonly contentType: string }
  | { readonly status: 200 | 308; readonly bytes: Uint8Array; readonly headers: Readonly<Record<string, string>> }
  | { readonly status: 204 }
  | { readonly status: 400; readonly message: string }
  | { readonly status: 404 };

/** Something that can be done with an endpoint. */
export interface Operation {
  readonly method: Method;
  /** Name of the path variable behind the endpoint's path; with a `*` before it, it takes several segments. Null for the path itself. */
  readonly variable: string | null;
  /** The media types that it can answer with; none for an operation that answers nothing. */
  readonly produces: readonly string[];
  /** Whether it wants a JSON object. The body of any other request is not looked at. */
  readonly takesBody: boolean;
  answer(request: OperationRequest): Answer | Promise<Answer>;
}

export interface Endpoint {
  readonly id: EndpointId;
  readonly operations: readonly Operation[];
}

/** Something to read, answered in JSON. */
export function reading(variable: string | null, answer: Operation["answer"]): Operation {
  return { method: "GET", variable, produces: ACTUATOR_TYPES, takesBody: false, answer };
}

/** Something to change by a JSON object, answered with nothing but the status. */
export function writing(variable: string | null, answer: Operation["answer"]): Operation {
  return { method: "POST", variable, produces: [], takesBody: true, answer };
}

/** 200 with a body. */
export function ok(json: object): Answer {
  return { status: 200, json };
}

export const NO_CONTENT: Answer = { status: 204 };
export const NOT_FOUND: Answer = { status: 404 };

/** 400, with what is wrong with the request. */
export function badRequest(message: string): Answer {
  return { status: 400, message };
}

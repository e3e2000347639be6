import { isIPv6 } from "node:net";

/** A broker address as it was written; the port may be left to `default-broker-port`. */
export interface BrokerAddress {
  /** A host name, an IPv4 address, or an IPv6 address in brackets. */
  readonly host: string;
  readonly port: number | null;
  /** The listener's, where it stands before the address. */
  readonly protocol: string | null;
}

const PROTOCOLS: ReadonlySet<string> = new Set(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]);

/** What is wrong with a list of brokers, as the end of a sentence that begins with the list. */
export interface BrokersFault {
  readonly fault: string;
}

/**
 * Reads a comma list of `host`, `host:port` and `[IPv6]:port`, each with or without a protocol such as `PLAINTEXT://` before it, as the compose
 * files of Data Flow write it.
 */
export function parseBrokers(list: string): readonly BrokerAddress[] | BrokersFault {
  const entries = list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  if (entries.length === 0) return { fault: "names no broker" };
  const addresses: BrokerAddress[] = [];
  for (const [index, entry] of entries.entries()) {
    const address = parseBroker(entry);
    if ("fault" in address) return { fault: `is wrong in entry ${index + 1}: ${address.fault}` };
    addresses.push(address);
  }
  return addresses;
}

function parseBroker(entry: string): BrokerAddress | BrokersFault {
  const [, prefix, address = ""] = /^(?:([A-Za-z0-9_+.-]*):\/\/)?(.*)$/su.exec(entry) ?? [];
  const protocol = prefix?.toUpperCase() ?? null;
  if (protocol !== null && !PROTOCOLS.has(protocol)) return { fault: `${prefix}:// is none of ${[...PROTOCOLS].join(", ")}` };
  const [, bracketed, name, digits] = /^(?:\[([^\]]*)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/u.exec(address) ?? [];
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65_535)) return { fault: `port ${port} is not between 1 and 65535` };
  if (bracketed !== undefined && isIPv6(bracketed)) return { host: `[${bracketed}]`, port, protocol };
  if (name !== undefined) return { host: name, port, protocol };
  return { fault: isIPv6(address) ? "an IPv6 address needs brackets, as in [::1]:9092" : "it is not host, host:port or [IPv6]:port" };
}

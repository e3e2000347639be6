/** Reads what `buildah inspect` says of an image from standard input; fails unless Data Flow can read the options and the ports of the app from them. */
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { visibleMetadata, type Metadata } from "../../hosts/dataflow/deploy/metadata.ts";

const METADATA = "org.springframework.cloud.dataflow.spring-configuration-metadata.json";

interface Inspected {
  readonly OCIv1: { readonly config: { readonly Labels: Readonly<Record<string, string>> } };
}

const { Labels: labels } = (JSON.parse(await text(process.stdin)) as Inspected).OCIv1.config;
const metadata = JSON.parse(labels[METADATA] ?? "") as Metadata;
assert.deepEqual(metadata, visibleMetadata());
const ports = ["inbound", "outbound"].map((direction) => labels[`configuration-properties.${direction}-ports`]);
assert.deepEqual(ports, ["input", "even,odd"]);
console.log(`labels: ${metadata.properties.length} options, ports ${ports.join(" and ")}`);

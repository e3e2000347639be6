/** The manifests in `hosts/dataflow/deploy/kubernetes`. No cluster has seen them here: they are held to schemas, to each other, and to the image. */
import assert from "node:assert/strict";
import test from "node:test";
import { parse } from "yaml";
import { readConfig } from "../../hosts/dataflow/config.ts";
import { readProperties, readYaml, toldBy, topFile, type Deployment } from "./deployment-files.ts";
import { manifestFaults } from "./kubernetes-schema.ts";

const STYLES = ["kubernetes/exec.yaml", "kubernetes/shell.yaml", "kubernetes/boot.yaml"] as const;
const SCALED_OBJECT = "kubernetes/scaled-object.yaml";
/** What KEDA's trigger `kafka` takes, of what is used here. */
const KAFKA_TRIGGER = ["bootstrapServers", "consumerGroup", "topic", "lagThreshold", "offsetResetPolicy", "allowIdleConsumers"];
/** How long the process may live beyond `router.shutdown-timeout`. */
const STOP_MARGIN_S = 2;
/** What each property of Kubernetes' deployer (2.9.5) is called behind `deployer.<label>.kubernetes.`, of those that are used here. */
const DEPLOYER_PROPERTIES = [
  "containerSecurityContext",
  "entryPointStyle",
  "limits.memory",
  "livenessHttpProbePath",
  "livenessHttpProbePeriod",
  "podAnnotations",
  "podSecurityContext",
  "readinessHttpProbePath",
  "requests.cpu",
  "requests.memory",
  "startupHttpProbeDelay",
  "startupHttpProbePath",
  "terminationGracePeriodSeconds",
];

const deployments = STYLES.map((path) => readYaml(path) as Deployment);
const [first] = deployments;

interface ScaledObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly triggers: readonly { readonly metadata: Readonly<Record<string, string>> }[];
  };
}

test("each manifest is what the schemas of Kubernetes and KEDA say, without a field that these don't have", () => {
  for (const path of [...STYLES, SCALED_OBJECT]) assert.deepEqual(manifestFaults(readYaml(path)), [], path);
});

test("the check finds a wrong type, a missing field, and a field that is misspelt", () => {
  const template = '"selector": {}, "template": {"spec": {"containers": [{"name": "a"';
  assert.deepEqual(faultsOfSpec(`{${template}, "securityContext": {"readOnlyRootFilesystem": true}}]}}}`), []);
  assert.deepEqual(faultsOfSpec(`{${template}, "securityContext": {"readOnlyRootFileSystem": true}}]}}}`), [
    "/spec/template/spec/containers/0/securityContext/readOnlyRootFileSystem is no field",
  ]);
  assert.match(faultsOfSpec(`{${template}, "ports": [{"containerPort": "8080"}]}]}}}`).join("\n"), /containerPort must be integer/u);
  assert.match(faultsOfSpec('{"template": {}}').join("\n"), /must have required property selector/u);
});

test("the three entry point styles differ in nothing but the way to tell the properties", () => {
  const withoutTold = deployments.map((deployment) => {
    const copy = structuredClone(deployment) as unknown as { spec: { template: { spec: { containers: [Record<string, unknown>] } } } };
    const [container] = copy.spec.template.spec.containers;
    delete container["args"];
    delete container["env"];
    return copy;
  });
  for (const other of withoutTold) assert.deepEqual(other, withoutTold[0]);
  const configs = STYLES.map((path) => readConfig(toldBy(path)));
  for (const other of configs) assert.deepEqual(other, configs[0]);
});

test("a pod runs the image's user on a read-only root, without rights", () => {
  const { spec } = first?.spec.template ?? assert.fail();
  const [user, group] = /^USER (\d+):(\d+)$/mu.exec(topFile("Dockerfile"))?.slice(1).map(Number) ?? [];
  const { seccompProfile, ...identity } = spec.securityContext;
  assert.deepEqual(identity, { runAsNonRoot: true, runAsUser: user, runAsGroup: group });
  assert.deepEqual(seccompProfile, { type: "RuntimeDefault" });
  assert.deepEqual(spec.containers[0].securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

test("image and port are those of the Dockerfile and of the app, and probes and scrapes go to that port", () => {
  const { metadata, spec } = first?.spec.template ?? assert.fail();
  const [container] = spec.containers;
  const { name, version } = JSON.parse(topFile("package.json")) as { readonly name: string; readonly version: string };
  assert.equal(container.image, `${name}:${version}`);
  const exposed = Number(/^EXPOSE (\d+)$/mu.exec(topFile("Dockerfile"))?.[1]);
  assert.deepEqual(container.ports, [{ name: "http", containerPort: exposed }]);
  assert.equal(readConfig(toldBy("kubernetes/exec.yaml")).server.port, exposed);
  for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
    assert.equal(probe.httpGet.port, "http");
  }
  assert.equal(metadata.annotations["prometheus.io/port"], String(exposed));
});

test("a pod is given more time to stop than the app takes", () => {
  const seconds = first?.spec.template.spec.terminationGracePeriodSeconds ?? 0;
  const { shutdownTimeoutMs } = readConfig(toldBy("kubernetes/exec.yaml"));
  assert.ok(seconds > shutdownTimeoutMs / 1000 + STOP_MARGIN_S);
  assert.equal(
    readProperties("recipe/kubernetes.properties").get("deployer.router.kubernetes.terminationGracePeriodSeconds"),
    `${seconds}`,
  );
});

test("KEDA scales the Deployment by the lag of the group that the app reads with", () => {
  const { spec } = readYaml(SCALED_OBJECT) as ScaledObject;
  assert.equal(spec.scaleTargetRef.name, first?.metadata.name);
  const [{ metadata } = assert.fail()] = spec.triggers;
  assert.deepEqual(Object.keys(metadata), KAFKA_TRIGGER);
  const { brokers, input } = readConfig(toldBy("kubernetes/exec.yaml"));
  assert.equal(metadata["bootstrapServers"], brokers.join(","));
  assert.equal(metadata["consumerGroup"], input.group);
  assert.equal(metadata["topic"], input.destinations.join(","));
  assert.equal(metadata["offsetResetPolicy"], input.startOffset, "an instance begins where KEDA counts from");
});

test("the recipe's properties for Kubernetes say what the manifests say, and are ones that the deployer has", () => {
  const properties = readProperties("recipe/kubernetes.properties");
  const prefix = "deployer.router.kubernetes.";
  const own = new Map(
    [...properties].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]),
  );
  assert.deepEqual([...own.keys()].toSorted(), DEPLOYER_PROPERTIES);
  const template = first?.spec.template ?? assert.fail();
  assert.deepEqual(flow(own.get("podSecurityContext")), template.spec.securityContext);
  assert.deepEqual(flow(own.get("containerSecurityContext")), template.spec.containers[0].securityContext);
  const [{ resources }] = template.spec.containers;
  assert.deepEqual(
    ["requests.cpu", "requests.memory", "limits.memory"].map((name) => own.get(name)),
    [resources.requests.cpu, resources.requests.memory, resources.limits.memory],
  );
  const annotations = Object.fromEntries((own.get("podAnnotations") ?? "").split(",").map((pair) => pair.split(/:(.*)/u)));
  assert.deepEqual(annotations, template.metadata.annotations);
});

/** What is wrong with a Deployment that has this `spec`, in JSON. */
function faultsOfSpec(text: string): readonly string[] {
  return manifestFaults({ apiVersion: "apps/v1", kind: "Deployment", spec: JSON.parse(text) as unknown });
}

/** A value in YAML's flow style, as the deployer reads it. */
function flow(text: string | undefined): unknown {
  return parse(text ?? "");
}

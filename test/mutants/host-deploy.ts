/** Mutants of the deployment files, and of how the process begins and ends. */
import type { Mutant } from "./mutant.ts";

const KUBERNETES = ["test/dataflow/kubernetes-files.test.ts"];
const COMPOSE = ["test/dataflow/compose-file.test.ts"];
const CONTRACTS = ["test/dataflow/contracts-files.test.ts"];
const STREAM = ["test/dataflow/stream-files.test.ts"];
const DEPLOY = "hosts/dataflow/deploy";

export const DEPLOY_MUTANTS: readonly Mutant[] = [
  {
    name: "deploy: a signal is listened for when the app has started",
    file: "hosts/dataflow/main.ts",
    find: "  const signal = signalled();\n",
    replace: "  const signal = new Promise<string>((resolve) => void setTimeout(() => void signalled().then(resolve), 3000));\n",
    tests: CONTRACTS,
  },
  {
    name: "deploy: a manifest misspells a field",
    file: `${DEPLOY}/kubernetes/shell.yaml`,
    find: "readOnlyRootFilesystem",
    replace: "readOnlyRootFileSystem",
    tests: KUBERNETES,
  },
  {
    name: "deploy: one manifest probes another path than the others",
    file: `${DEPLOY}/kubernetes/boot.yaml`,
    find: "/actuator/health/liveness",
    replace: "/actuator/health",
    tests: KUBERNETES,
  },
  {
    name: "deploy: a manifest has a property that the app does not know",
    file: `${DEPLOY}/kubernetes/exec.yaml`,
    find: "--spring.cloud.stream.bindings.odd.destination",
    replace: "--spring.cloud.stream.bindings.odds.destination",
    tests: CONTRACTS,
  },
  {
    name: "deploy: KEDA looks at another group than the app's",
    file: `${DEPLOY}/kubernetes/scaled-object.yaml`,
    find: "consumerGroup: timeStampStream.router",
    replace: "consumerGroup: timestamp-router",
    tests: KUBERNETES,
  },
  {
    name: "deploy: Compose's health check asks a path that is not there",
    file: `${DEPLOY}/compose/compose.yaml`,
    find: "8080/actuator/health/readiness",
    replace: "8080/health/readiness",
    tests: CONTRACTS,
  },
  {
    name: "deploy: Compose's loggers have each other's topic",
    file: `${DEPLOY}/compose/compose.yaml`,
    find: "SPRING_CLOUD_STREAM_BINDINGS_INPUT_DESTINATION: evenDest",
    replace: "SPRING_CLOUD_STREAM_BINDINGS_INPUT_DESTINATION: oddDest",
    tests: COMPOSE,
  },
  {
    name: "deploy: the image is built without its metadata",
    file: `${DEPLOY}/publish.sh`,
    find: ' --build-arg METADATA="$metadata"',
    replace: "",
    tests: STREAM,
  },
  {
    name: "deploy: the recipe's properties are for a label that the stream has not",
    file: `${DEPLOY}/recipe/deployment.properties`,
    find: "app.oddLogger.",
    replace: "app.oddLog.",
    tests: STREAM,
  },
];

/** The endpoint that shows the bindings, and pauses, resumes, stops and starts them. */
import type { BindingCommand, BindingDescription } from "../bindings.ts";
import { badRequest, NO_CONTENT, ok, reading, writing, type Endpoint } from "./endpoint.ts";

/** What can be done with the app's bindings. */
export interface Bindings {
  list(): readonly BindingDescription[];
  /** Resolves to false when the binding is one that can't do this. A binding that there is not is none of these. */
  control(bindingName: string, command: BindingCommand): Promise<boolean>;
}

const COMMANDS: readonly BindingCommand[] = ["STARTED", "STOPPED", "PAUSED", "RESUMED"];

/** Returns the endpoint of the bindings, with the answers of Spring Cloud Stream 4.1: a list of those with a name, which may be empty. */
export function bindingsEndpoint(bindings: Bindings): Endpoint {
  return {
    id: "bindings",
    operations: [
      reading(null, () => ok(bindings.list().map(describe))),
      reading("name", ({ selector }) =>
        ok(
          bindings
            .list()
            .filter(({ bindingName }) => bindingName === selector)
            .map(describe),
        ),
      ),
      writing("name", async ({ selector, body }) => {
        const wanted = body["state"];
        const command = COMMANDS.find((word) => typeof wanted === "string" && word === wanted.toUpperCase());
        if (command === undefined) return badRequest(`state is none of ${COMMANDS.join(", ")}`);
        const isDone = await bindings.control(selector, command);
        return isDone ? NO_CONTENT : badRequest("an output goes with the input: pause or stop the binding input");
      }),
    ],
  };
}

/** One binding in the form of Spring's DefaultBinding. */
function describe({ bindingName, destination, group, isInput, state, properties }: BindingDescription): object {
  const kind = isInput ? "Consumer" : "Producer";
  const place = isInput ? "consumerDestinationName" : "producerDestinationName";
  return {
    bindingName,
    name: destination,
    ...(group === null ? {} : { group }),
    pausable: isInput,
    state,
    paused: state === "paused",
    input: isInput,
    binderName: "kafka",
    binderType: "kafka",
    extendedInfo: {
      bindingDestination: `Kafka${kind}Destination{${place}='${destination}'}`,
      [`Extended${kind}Properties`]: properties,
    },
  };
}

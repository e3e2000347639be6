import { ACTUATOR_TYPES, ok, type Endpoint, type Operation } from "./endpoint.ts";

/** Returns the operation that ends the app as SIGTERM does, once it has said so. */
export function shutdownOperation(shutDown: () => void): Operation {
  return {
    method: "POST",
    variable: null,
    produces: ACTUATOR_TYPES,
    // The local deployer sends none, and calls it a form.
    takesBody: false,
    answer: () => {
      shutDown();
      return ok({ message: "Shutting down, bye..." });
    },
  };
}

/** Returns the endpoint with that operation. */
export function shutdownEndpoint(shutDown: () => void): Endpoint {
  return { id: "shutdown", operations: [shutdownOperation(shutDown)] };
}

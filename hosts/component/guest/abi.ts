// What the component's host gives the guest: handles of its resource. All numbers and addresses are i32.

/** Returns a handle for the caller that stands for a router of ours; `drop` gets the router back when the handle goes. */
// @ts-expect-error: a decorator on a declaration is AssemblyScript's alone
@external("[export]timestamp-router:core/routing@0.1.0", "[resource-new]router")
export declare function handleOf(router: usize): i32;

#!/usr/bin/env -S node --disable-warning=TimeoutNegativeWarning
/**
 * Stands in for `java` on Data Flow's Local platform, whose deployer starts what is no container image as
 *
 *     <javaCmd> [options for the JVM] -jar <the registered file>
 *
 * and tells it everything else in the environment. With the deployment property `deployer.<label>.local.javaCmd` naming this file, the app that
 * it lies in is started instead. A script of a shell would lose environment variables with a dot in their name.
 */
const { argv } = process;
// The first two are Node.js and this file. The options and the file are for a JVM.
argv.splice(2, argv.indexOf("-jar"));
await import("../main.ts");

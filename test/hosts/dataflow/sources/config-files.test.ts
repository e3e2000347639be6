import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../../../hosts/dataflow/config-error.ts";
import { createProperties } from "../../../../hosts/dataflow/properties.ts";
import { propertySources, type PropertySources } from "../../../../hosts/dataflow/property-sources.ts";
import { memoryDisk } from "./memory-disk.ts";

type Files = Readonly<Record<string, string>>;

function read(files: Files, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): PropertySources {
  return propertySources({ args, env, disk: memoryDisk(files) });
}

function look(name: string, files: Files, ...args: readonly string[]): string | undefined {
  return createProperties(read(files, args).sources).find(name)?.value;
}

function fault(files: Files, ...args: readonly string[]): string {
  try {
    read(files, args);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return assert.fail("no ConfigError");
}

test("application.properties is read in the working directory, in config, in the folders in it, and in Kubernetes's /config", () => {
  const files: Record<string, string> = {};
  for (const folder of ["", "config/", "config/a/", "config/b/", "/config/", "/config/z/"]) {
    files[`${folder}application.properties`] = `k=${folder}`;
    assert.equal(look("k", files), folder, "each goes before those above");
  }
  assert.equal(
    look("k", { "conf/application.properties": "k=1", "config/other.properties": "k=2", "config/a/b/application.properties": "k=3" }),
    undefined,
  );
});

test("the index that a StatefulSet's init container writes is read", () => {
  const written = "INSTANCE_INDEX=2\nspring.cloud.stream.instanceIndex=2\n";
  assert.equal(look("spring.cloud.stream.instance-index", { "/config/application.properties": written }), "2");
});

test("files come after the environment, and before nothing", () => {
  const files = { "application.properties": "a=file\nb=file" };
  const { sources } = read(files, [], { A: "env" });
  const properties = createProperties(sources);
  assert.deepEqual(properties.find("a"), { value: "env", source: "environment", isSecret: false });
  assert.deepEqual(properties.find("b"), { value: "file", source: "application.properties", isSecret: false });
});

test("names in files are relaxed, and lists may be written element by element", () => {
  const files = { "application.properties": "server.maxThreads=1\nl[0]=a\nl[1]=b\nm[]=c,d\nbindings[my.name].x=2" };
  assert.equal(look("server.max-threads", files), "1");
  assert.equal(look("l", files), "a,b");
  assert.equal(look("m", files), "c,d");
  assert.equal(look("bindings.my.name.x", files), "2");
});

test("placeholders in a file reach all sources, and the other way round", () => {
  const files = { "application.properties": "a=${b:none}\nc=file" };
  assert.equal(look("a", files, "--b=arg"), "arg");
  assert.equal(look("d", files, "--d=${c}"), "file");
});

test("a file of an active profile goes before all others, and of two profiles the last one counts", () => {
  const files = { "application-p.properties": "k=p", "config/application.properties": "k=plain", "config/application-q.properties": "k=q" };
  assert.equal(look("k", files), "plain");
  assert.equal(look("k", files, "--spring.profiles.active=p"), "p");
  assert.equal(look("k", files, "--spring.profiles.active=q, p,"), "p");
  assert.equal(look("k", { ...files, "application.properties": "spring.profiles.active=p,q" }), "q");
  assert.deepEqual(read(files, ["--spring.profiles.active=q, p,"]).activeProfiles, ["q", "p"]);
});

test("of the documents in a file a later one goes before an earlier one", () => {
  assert.equal(look("k", { "application.properties": "k=1\n#---\nk=2\n!---  \nk=3" }), "3");
  assert.equal(look("k", { "application.properties": "k=1\n#---\nj=2" }), "1");
});

test("a document that holds under a condition is refused, since it must not hold always", () => {
  assert.equal(
    fault({ "config/application.properties": "a=1\n#---\nspring.config.activate.on-profile=prod\na=2" }),
    "spring.config.activate.on-profile (from config/application.properties, line 3): documents that hold under a condition are not supported; allowed: a file application-<profile>.properties",
  );
  assert.match(fault({ "application.properties": "spring.config.activate.onCloudPlatform=kubernetes" }), /line 1/u);
});

function importing(locations: string): string {
  return `--spring.config.import=${locations}`;
}

test("a config tree has a property in each file", () => {
  const files = {
    "/secrets/spring/kafka/password": "p\n",
    "/secrets/server.port": "81",
    "/secrets/..data/server.port": "82",
    "/secrets/..2026/x": "1",
  };
  const secrets = importing("configtree:/secrets/");
  assert.equal(look("spring.kafka.password", files, secrets), "p");
  assert.equal(look("server.port", files, secrets), "81");
  assert.equal(look("x", files, secrets), undefined);
  assert.equal(look("..data.server.port", files, secrets), undefined);
});

test("a line end at the end of a config tree's file is left out when it is the only one", () => {
  for (const [text, value] of [
    ["v", "v"],
    ["v\n", "v"],
    ["v\r\n", "v"],
    ["v\r", "v\r"],
    ["v\n\n", "v\n\n"],
    ["v\nw\n", "v\nw\n"],
    ["\n", ""],
    ["", ""],
    ["\nv", "\nv"],
    [" v \n", " v "],
  ] as const) {
    assert.equal(look("k", { "/t/k": text }, importing("configtree:/t/")), value, JSON.stringify(text));
  }
});

test("an asterisk stands for each folder, the last one first", () => {
  const files = { "/t/a/k": "a", "/t/b/k": "b", "/t/k": "no", "/t/..data/k": "no" };
  assert.equal(look("k", files, importing("configtree:/t/*/")), "b");
  assert.equal(look("k", files, importing("optional:configtree:/u/*/")), undefined);
});

test("files and folders may be imported, from any source, and the last one counts", () => {
  const files = { "/a.properties": "k=a", "/b/application.properties": "k=b", "/c.conf": "k=c", "application.properties": "k=plain" };
  assert.equal(look("k", files, importing("file:/a.properties")), "a");
  assert.equal(look("k", files, importing("/a.properties")), "a");
  assert.equal(look("k", files, importing("file:///a.properties")), "a");
  assert.equal(look("k", files, importing("/a.properties, file:/b/")), "b");
  assert.equal(look("k", files, importing("/c.conf[.properties]")), "c");
  assert.equal(look("k", files, "--dir=/b", importing("${dir}/")), "b");
});

test("what a file imports goes before it, and after what a source above it imports", () => {
  const files = {
    "config/application.properties": "k=plain\nspring.config.import=more.properties,optional:none.properties\n#---\nlast=1",
    "config/more.properties": "k=more\nlast=0\nspring.config.import=optional:more.properties,application.properties",
    "/top.properties": "k=top",
  };
  assert.equal(look("k", files), "more");
  assert.equal(look("last", files), "1");
  assert.equal(look("k", files, importing("/top.properties")), "top");
});

test("what is imported and not there is an error, unless it is optional", () => {
  for (const location of ["configtree:/t/", "file:/a.properties", "/b/", "/b/*/"]) {
    const [name, allowed] = [JSON.stringify(location), "allowed: what exists, or optional: before it"];
    assert.equal(fault({}, importing(location)), `spring.config.import (from command line): ${name} is not there; ${allowed}`);
    assert.equal(look("k", {}, importing(`optional:${location}`)), undefined);
  }
  assert.match(
    fault({ "application.properties": "spring.config.import=x.properties" }),
    /^spring\.config\.import \(from application\.properties\)/u,
  );
});

test("what can't be read is an error, or, where it is optional, is named", () => {
  for (const location of ["classpath:/a.properties", "configserver:http://h", "file:/a.yml", "/a.yaml", "configtree:/t", "vault://"]) {
    const files = { "/a.yml": "", "/a.yaml": "", "/t/k": "" };
    assert.match(fault(files, importing(location)), /is none that the app can read; allowed: a \.properties file/u, location);
    const { unreadFiles } = read(files, [importing(`optional:${location}`)]);
    assert.deepEqual(unreadFiles, [`spring.config.import names "optional:${location}", which the app can't read.`]);
  }
});

test("a YAML file where a .properties file is looked for is named", () => {
  const { unreadFiles } = read({ "config/application.yml": "", "application-p.yaml": "" }, ["--spring.profiles.active=p"]);
  assert.deepEqual(unreadFiles, [
    "config/application.yml is not read: only .properties files are.",
    "application-p.yaml is not read: only .properties files are.",
  ]);
});

test("spring.config.location takes the place of the usual folders, and additional-location goes before them", () => {
  const files = { "application.properties": "k=usual\nu=1", "/x/application.properties": "k=x", "/x/application-p.properties": "k=xp" };
  assert.equal(look("k", files, "--spring.config.location=file:/x/"), "x");
  assert.equal(look("u", files, "--spring.config.location=file:/x/"), undefined);
  assert.equal(look("k", files, "--spring.config.location=file:/x/", "--spring.profiles.active=p"), "xp");
  assert.equal(look("k", files, "--spring.config.additional-location=optional:/x/;optional:/y/"), "x");
  assert.equal(look("u", files, "--spring.config.additional-location=/x/"), "1");
  assert.match(fault(files, "--spring.config.location=/y/"), /^spring\.config\.location .*is not there/u);
});

test("folders with commas between are groups: in each a profile's file goes before plain ones, and the next group before both", () => {
  const files = { "/x/application-p.properties": "k=xp\nj=xp", "/y/application.properties": "k=y" };
  const profile = "--spring.profiles.active=p";
  assert.equal(look("k", files, "--spring.config.location=/x/;/y/", profile), "xp");
  assert.equal(look("k", files, "--spring.config.location=/x/,/y/", profile), "y");
  assert.equal(look("j", files, "--spring.config.location=/x/,/y/", profile), "xp");
  assert.equal(look("k", { ...files, "application-p.properties": "k=p" }, "--spring.config.additional-location=/y/", profile), "y");
});

test("a file that is not in the format is refused, and nothing of it is shown", () => {
  assert.equal(
    fault({ "application.properties": String.raw`secret=\u12` }),
    String.raw`application.properties has a \u without four hexadecimal digits behind it`,
  );
});

/** Files of that number, in one folder. */
function tree(count: number): Files {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`/t/k${index}`, ""]));
}

test("a tree of a thousand files is read, and of more, or deeper than 16 folders, refused", () => {
  const argument = importing("configtree:/t/");
  assert.equal(look("k999", tree(1000), argument), "");
  assert.match(fault(tree(1001), argument), /more than 1000 files/u);
  assert.equal(look(`${"a.".repeat(15)}k`, { [`/t/${"a/".repeat(15)}k`]: "1" }, argument), "1");
  assert.match(fault({ [`/t/${"a/".repeat(16)}k`]: "1" }, argument), /more than 16 folders deep/u);
});

test("a hundred files of properties are read, and of more the first one too many is named", () => {
  const files = Object.fromEntries(
    Array.from({ length: 101 }, (_, index) => [`/f/${index}.properties`, `spring.config.import=${index + 1}.properties`]),
  );
  assert.match(fault(files, importing("/f/0.properties")), /^\/f\/100\.properties is one file too many; allowed: 100/u);
  const last = { ...files, "/f/99.properties": "k=1" };
  assert.equal(look("k", last, importing("/f/0.properties")), "1");
});

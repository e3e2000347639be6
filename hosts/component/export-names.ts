/** A transform of the AssemblyScript compiler: gives the guest's exports the names that the canonical ABI wants. */

const INTERFACE = "timestamp-router:core/routing@0.1.0";

/** The guest's exports that are functions of the WIT, and their names in the interface. */
const FUNCTIONS: readonly (readonly [name: string, newName: string])[] = [
  ["create", `${INTERFACE}#[static]router.create`],
  ["outputs", `${INTERFACE}#[method]router.outputs`],
  ["route", `${INTERFACE}#[method]router.route`],
  ["routePackedValues", `${INTERFACE}#[method]router.route-packed-values`],
  ["routeRecordBatch", `${INTERFACE}#[method]router.route-record-batch`],
];

/** What the compiler makes, by Binaryen; the compiler's own types of it can't be imported. */
interface CompiledModule {
  getExport(name: string): number;
  removeExport(name: string): void;
  addFunctionExport(name: string, newName: string): number;
}

interface Binaryen {
  getExportInfo(reference: number): { readonly value: string };
}

export default class ExportNames {
  /** The compiler sets it. */
  declare readonly binaryen: Binaryen;

  /** Called by the compiler before it optimizes the module. */
  afterCompile(module: CompiledModule): void {
    const rename = (name: string, newNames: readonly string[]): void => {
      const { value } = this.binaryen.getExportInfo(module.getExport(name));
      module.removeExport(name);
      for (const newName of newNames) module.addFunctionExport(value, newName);
    };
    for (const [name, newName] of FUNCTIONS) rename(name, [newName]);
    rename("dropRouter", [`${INTERFACE}#[dtor]router`]);
    rename(
      "endCall",
      FUNCTIONS.map(([, newName]) => `cabi_post_${newName}`),
    );
  }
}

/** The bytes of `core.wasm` in base64; `pack.ts` writes the module. */
export declare const CORE_BASE64: string;

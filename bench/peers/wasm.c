/* The peers of WebAssembly: the same C, without the processor's own CRC instruction. */
#include "batch.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT void fill_tables(void) { fillTables(); }
EXPORT u32 values_as_core(u32 input, u32 bytes, u32 table, u32 count, u32 outputs) { return valuesAsCore(input, bytes, table, count, outputs); }
EXPORT u32 values_as_written(u32 input, u32 bytes, u32 table, u32 count, u32 outputs) { return valuesAsWritten(input, bytes, table, count, outputs); }
EXPORT u32 batch_as_core(u32 address, u32 length, u32 outputs) { return batchAsCore(address, length, outputs); }
EXPORT u32 crc_by_slices(u32 address, u32 length) { return ~crcBySlices(~0u, AT(address), length); }

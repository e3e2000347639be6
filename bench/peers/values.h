/*
 * The core's routing of values in C, for the benchmark alone: the same checks, tables and copies, without rules, unroutable records and tombstones,
 * which its input does not have. One source for the processor itself (`native.c`) and for WebAssembly (`wasm.c`).
 *
 * Addresses are byte indexes into a memory that the caller lays out (`memory.ts`). An output, 64 bytes:
 *
 *      0 u32 arena   4 u32 limit        8 u32 ends    12 u32 cursor   16 u32 endsCursor   20 u32 prefixLength
 *     24 u32 count  28 (nothing)       32 i64 base    40 i64 max      48 u8[16] prefix
 */
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;
typedef u8 vector __attribute__((vector_size(16)));

#ifdef __wasm__
#define MEMORY
#define PASS
#define AT(address) ((u8 *)(uintptr_t)(address))
#define INDEX(pointer) ((u32)(uintptr_t)(pointer))
#else
#define MEMORY u8 *memory,
#define PASS memory,
#define AT(address) (memory + (u32)(address))
#define INDEX(pointer) ((u32)((pointer) - memory))
#endif

enum { OK, FULL, FAULT };
enum { SHORT_BYTES_MAX = 512, OUTPUT_BYTES = 64, HEADER_BYTES = 61 };

typedef struct {
  u32 arena, limit, ends, cursor, endsCursor, prefixLength, count, unused;
  i64 base, max;
  u8 prefix[16];
} output;

static inline u32 load32(const void *at) { u32 value; __builtin_memcpy(&value, at, 4); return value; }
static inline u64 load64(const void *at) { u64 value; __builtin_memcpy(&value, at, 8); return value; }
static inline void store32(void *at, u32 value) { __builtin_memcpy(at, &value, 4); }
static inline void store64(void *at, u64 value) { __builtin_memcpy(at, &value, 8); }
static inline u32 big32(const void *at) { return __builtin_bswap32(load32(at)); }
static inline u64 big64(const void *at) { return __builtin_bswap64(load64(at)); }
static inline void storeBig32(void *at, u32 value) { store32(at, __builtin_bswap32(value)); }
static inline void storeBig64(void *at, u64 value) { store64(at, __builtin_bswap64(value)); }

static inline void step16(u8 *to, const u8 *from) {
  vector bytes;
  __builtin_memcpy(&bytes, from, 16);
  __builtin_memcpy(to, &bytes, 16);
}

/* Copies that round up, as the core's. */
static inline void copy16(u8 *to, const u8 *from, size_t length) {
  step16(to, from);
  for (size_t i = 16; i < length; i += 16) step16(to + i, from + i);
}

static inline void copy32(u8 *to, const u8 *from, size_t length) {
  step16(to, from);
  step16(to + 16, from + 16);
  for (size_t i = 32; i < length; i += 32) {
    step16(to + i, from + i);
    step16(to + i + 16, from + i + 16);
  }
}

static inline void openOutputs(output *outputs) {
  for (int index = 0; index < 2; index++) {
    outputs[index].cursor = outputs[index].arena;
    outputs[index].endsCursor = outputs[index].ends;
  }
}

/* Routes short values as long as they are sound and fit; returns the first pair that is not taken. */
static inline u32 routeShort(MEMORY u32 input, u32 inputBytes, u32 pair, u32 end, u32 outputs) {
  for (; pair < end; pair += 8) {
    u32 offset = load32(AT(pair)), length = load32(AT(pair + 4));
    if ((u64)offset + length > inputBytes) break;
    const u8 *value = AT(input + offset);
    u32 digit = (u32)value[(i64)length - 1] - '0';
    if ((digit > 9) | (length - 1 >= SHORT_BYTES_MAX)) break;
    output *out = (output *)AT(outputs + (digit & 1) * OUTPUT_BYTES);
    u32 at = out->cursor, prefixLength = out->prefixLength, next = at + prefixLength + length;
    if (next > out->limit) break;
    copy16(AT(at), out->prefix, prefixLength);
    copy32(AT(at + prefixLength), value, length);
    store32(AT(out->endsCursor), next - out->arena);
    out->endsCursor += 4;
    out->cursor = next;
  }
  return pair;
}

/* One value as anybody writes it: by its parity, with memcpy. */
static inline u32 routeByMemcpy(MEMORY u32 input, u32 inputBytes, u32 pair, u32 outputs) {
  u32 offset = load32(AT(pair)), length = load32(AT(pair + 4));
  if ((u64)offset + length > inputBytes || length == 0) return FAULT;
  const u8 *value = AT(input + offset);
  u32 digit = (u32)value[length - 1] - '0';
  if (digit > 9) return FAULT;
  output *even = (output *)AT(outputs), *odd = (output *)AT(outputs + OUTPUT_BYTES);
  if (digit % 2 == 0) {
    if (even->cursor + 16 + length > even->limit) return FULL;
    __builtin_memcpy(AT(even->cursor), "Even timestamp: ", 16);
    __builtin_memcpy(AT(even->cursor + 16), value, length);
    even->cursor += 16 + length;
    store32(AT(even->endsCursor), even->cursor - even->arena);
    even->endsCursor += 4;
  } else {
    if (odd->cursor + 14 + length > odd->limit) return FULL;
    __builtin_memcpy(AT(odd->cursor), "Odd timestamp:", 14);
    __builtin_memcpy(AT(odd->cursor + 14), value, length);
    odd->cursor += 14 + length;
    store32(AT(odd->endsCursor), odd->cursor - odd->arena);
    odd->endsCursor += 4;
  }
  return OK;
}

static u32 valuesAsCore(MEMORY u32 input, u32 inputBytes, u32 table, u32 count, u32 outputs) {
  openOutputs((output *)AT(outputs));
  u32 pair = table, end = table + 8 * count;
  while (pair < end) {
    pair = routeShort(PASS input, inputBytes, pair, end, outputs);
    if (pair == end) break;
    /* A long value, or one that has no place. */
    u32 status = routeByMemcpy(PASS input, inputBytes, pair, outputs);
    if (status != OK) return status;
    pair += 8;
  }
  return OK;
}

static u32 valuesAsWritten(MEMORY u32 input, u32 inputBytes, u32 table, u32 count, u32 outputs) {
  openOutputs((output *)AT(outputs));
  for (u32 pair = table; pair < table + 8 * count; pair += 8) {
    u32 status = routeByMemcpy(PASS input, inputBytes, pair, outputs);
    if (status != OK) return status;
  }
  return OK;
}

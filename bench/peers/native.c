/*
 * The native peers as an addon of Node.js, so that they run in the process of the others. Node-API is stable, and this is all of it that is needed:
 * declared here, it spares the headers.
 */
#include <string.h>
#include "batch.h"

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef napi_value (*napi_callback)(napi_env, void *);
extern int napi_get_cb_info(napi_env, void *, size_t *, napi_value *, napi_value *, void **);
extern int napi_get_value_uint32(napi_env, napi_value, u32 *);
extern int napi_create_uint32(napi_env, u32, napi_value *);
extern int napi_get_arraybuffer_info(napi_env, napi_value, void **, size_t *);
extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);

/* Memories that the callers have laid out; a call names one by its index. */
enum { MEMORIES_MAX = 256, ARGUMENTS_MAX = 6 };
static u8 *memories[MEMORIES_MAX];
static u32 memoriesKnown;

static napi_value number(napi_env env, u32 value) {
  napi_value result;
  napi_create_uint32(env, value, &result);
  return result;
}

static void arguments(napi_env env, void *info, u32 *numbers) {
  size_t count = ARGUMENTS_MAX;
  napi_value values[ARGUMENTS_MAX];
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
  for (size_t index = 0; index < count; index++) napi_get_value_uint32(env, values[index], &numbers[index]);
}

static napi_value know(napi_env env, void *info) {
  size_t count = 1, length;
  napi_value buffer;
  void *data = NULL;
  napi_get_cb_info(env, info, &count, &buffer, NULL, NULL);
  napi_get_arraybuffer_info(env, buffer, &data, &length);
  memories[memoriesKnown % MEMORIES_MAX] = data;
  return number(env, memoriesKnown++ % MEMORIES_MAX);
}

#define CALL(name, expression)                             \
  static napi_value name(napi_env env, void *info) {       \
    u32 a[ARGUMENTS_MAX];                                  \
    arguments(env, info, a);                               \
    u8 *memory = memories[a[0]];                           \
    return number(env, expression);                        \
  }

/* Copies `length` bytes from a source that may be shorter, and is then copied again. */
static u32 copied(u8 *memory, u32 to, u32 from, u32 sourceBytes, u32 length) {
  for (u32 part; length > 0; length -= part, to += part) {
    part = length < sourceBytes ? length : sourceBytes;
    memcpy(memory + to, memory + from, part);
  }
  return OK;
}

CALL(values_as_core, valuesAsCore(memory, a[1], a[2], a[3], a[4], a[5]))
CALL(values_as_written, valuesAsWritten(memory, a[1], a[2], a[3], a[4], a[5]))
CALL(batch_as_core, batchAsCore(memory, a[1], a[2], a[3]))
CALL(crc, ~crcOf(~0u, memory + a[1], a[2]))
CALL(crc_by_slices, ~crcBySlices(~0u, memory + a[1], a[2]))
CALL(copy, copied(memory, a[1], a[2], a[3], a[4]))

static const struct {
  const char *name;
  napi_callback call;
} CALLS[] = {{"know", know},           {"values_as_core", values_as_core}, {"values_as_written", values_as_written},
             {"batch_as_core", batch_as_core}, {"crc", crc},               {"crc_by_slices", crc_by_slices},
             {"copy", copy}};

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  fillTables();
  for (size_t index = 0; index < sizeof CALLS / sizeof CALLS[0]; index++) {
    napi_value function;
    napi_create_function(env, CALLS[index].name, (size_t)-1, CALLS[index].call, NULL, &function);
    napi_set_named_property(env, exports, CALLS[index].name, function);
  }
  return exports;
}

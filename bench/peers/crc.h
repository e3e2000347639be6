/* CRC-32C: by slices of sixteen for any processor, and by the instruction of x86-64, three runs at a time. */
#include <stddef.h>
#include <stdint.h>

static uint32_t slices[16][256];

static void fillSlices(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82f63b78u & (0 - (crc & 1)));
    slices[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; byte++)
    for (int table = 1; table < 16; table++)
      slices[table][byte] = slices[0][slices[table - 1][byte] & 255] ^ (slices[table - 1][byte] >> 8);
}

static inline uint64_t word(const uint8_t *at) { uint64_t value; __builtin_memcpy(&value, at, 8); return value; }

static uint32_t crcBySlices(uint32_t crc, const uint8_t *at, size_t length) {
  for (; length >= 16; length -= 16, at += 16) {
    uint64_t low = word(at) ^ crc, high = word(at + 8);
    crc = 0;
    for (int byte = 0; byte < 8; byte++) crc ^= slices[15 - byte][low >> 8 * byte & 255] ^ slices[7 - byte][high >> 8 * byte & 255];
  }
  for (; length > 0; length--) crc = slices[0][(crc ^ *at++) & 255] ^ (crc >> 8);
  return crc;
}

#ifdef __SSE4_2__
#include <nmmintrin.h>

/* The instruction takes three cycles and one may begin each: so three runs beside each other, whose CRCs are then joined. */
enum { LONG_RUN = 1360, SHORT_RUN = 256 };
static uint32_t longShift[4][256], shortShift[4][256];

static void fillShift(uint32_t table[4][256], int bytes) {
  for (int lane = 0; lane < 4; lane++)
    for (uint32_t byte = 0; byte < 256; byte++) {
      uint32_t crc = byte << 8 * lane;
      for (int zero = 0; zero < bytes; zero++) crc = slices[0][crc & 255] ^ (crc >> 8);
      table[lane][byte] = crc;
    }
}

static inline uint32_t shifted(uint32_t table[4][256], uint64_t crc) {
  return table[0][crc & 255] ^ table[1][crc >> 8 & 255] ^ table[2][crc >> 16 & 255] ^ table[3][crc >> 24 & 255];
}

static inline uint64_t threeRuns(uint64_t crc, const uint8_t *at, size_t run, uint32_t shift[4][256]) {
  uint64_t second = 0, third = 0;
  for (size_t i = 0; i < run; i += 8) {
    crc = _mm_crc32_u64(crc, word(at + i));
    second = _mm_crc32_u64(second, word(at + i + run));
    third = _mm_crc32_u64(third, word(at + i + 2 * run));
  }
  return shifted(shift, shifted(shift, crc) ^ second) ^ third;
}

static void fillTables(void) {
  fillSlices();
  fillShift(longShift, LONG_RUN);
  fillShift(shortShift, SHORT_RUN);
}

static uint32_t crcOf(uint32_t start, const uint8_t *at, size_t length) {
  uint64_t crc = start;
  for (; length >= 3 * LONG_RUN; length -= 3 * LONG_RUN, at += 3 * LONG_RUN) crc = threeRuns(crc, at, LONG_RUN, longShift);
  for (; length >= 3 * SHORT_RUN; length -= 3 * SHORT_RUN, at += 3 * SHORT_RUN) crc = threeRuns(crc, at, SHORT_RUN, shortShift);
  for (; length >= 8; length -= 8, at += 8) crc = _mm_crc32_u64(crc, word(at));
  for (; length > 0; length--) crc = _mm_crc32_u8((uint32_t)crc, *at++);
  return (uint32_t)crc;
}
#else
static void fillTables(void) { fillSlices(); }
static uint32_t crcOf(uint32_t start, const uint8_t *at, size_t length) { return crcBySlices(start, at, length); }
#endif

/* MD5 (RFC 1321) and HMAC-MD5 (RFC 2104), written here so that radload needs nothing but libc. Included once, by radload.c.
 * Rule of this file: bytes in, digest out; the key of the HMAC is set once, as a run has one secret.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct md5 {
    uint32_t state[4];
    uint64_t length;
    uint8_t pending[64];
};

static const uint32_t SINES[64] = {
    0xd76aa478u, 0xe8c7b756u, 0x242070dbu, 0xc1bdceeeu, 0xf57c0fafu, 0x4787c62au, 0xa8304613u, 0xfd469501u,
    0x698098d8u, 0x8b44f7afu, 0xffff5bb1u, 0x895cd7beu, 0x6b901122u, 0xfd987193u, 0xa679438eu, 0x49b40821u,
    0xf61e2562u, 0xc040b340u, 0x265e5a51u, 0xe9b6c7aau, 0xd62f105du, 0x02441453u, 0xd8a1e681u, 0xe7d3fbc8u,
    0x21e1cde6u, 0xc33707d6u, 0xf4d50d87u, 0x455a14edu, 0xa9e3e905u, 0xfcefa3f8u, 0x676f02d9u, 0x8d2a4c8au,
    0xfffa3942u, 0x8771f681u, 0x6d9d6122u, 0xfde5380cu, 0xa4beea44u, 0x4bdecfa9u, 0xf6bb4b60u, 0xbebfbc70u,
    0x289b7ec6u, 0xeaa127fau, 0xd4ef3085u, 0x04881d05u, 0xd9d4d039u, 0xe6db99e5u, 0x1fa27cf8u, 0xc4ac5665u,
    0xf4292244u, 0x432aff97u, 0xab9423a7u, 0xfc93a039u, 0x655b59c3u, 0x8f0ccc92u, 0xffeff47du, 0x85845dd1u,
    0x6fa87e4fu, 0xfe2ce6e0u, 0xa3014314u, 0x4e0811a1u, 0xf7537e82u, 0xbd3af235u, 0x2ad7d2bbu, 0xeb86d391u,
};

static void md5_block(uint32_t state[4], const uint8_t *block)
{
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], m[16];
    memcpy(m, block, 64);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (int i = 0; i < 16; i++) m[i] = __builtin_bswap32(m[i]);
#endif
#define STEP(mix, a, b, c, d, i, word, turn)                       \
    do {                                                           \
        a += (mix) + m[(word) & 15] + SINES[i];                    \
        a = b + ((a << (turn)) | (a >> (32 - (turn))));            \
    } while (0)
#define FOUR(mix, i, step, first, t0, t1, t2, t3)                                     \
    STEP(mix(b, c, d), a, b, c, d, (i), (first) + (step) * (i), t0);                  \
    STEP(mix(a, b, c), d, a, b, c, (i) + 1, (first) + (step) * ((i) + 1), t1);        \
    STEP(mix(d, a, b), c, d, a, b, (i) + 2, (first) + (step) * ((i) + 2), t2);        \
    STEP(mix(c, d, a), b, c, d, a, (i) + 3, (first) + (step) * ((i) + 3), t3)
#define SIXTEEN(mix, i, step, first, t0, t1, t2, t3)      \
    FOUR(mix, i, step, first, t0, t1, t2, t3);            \
    FOUR(mix, (i) + 4, step, first, t0, t1, t2, t3);      \
    FOUR(mix, (i) + 8, step, first, t0, t1, t2, t3);      \
    FOUR(mix, (i) + 12, step, first, t0, t1, t2, t3)
#define MIX_F(x, y, z) (((x) & (y)) | (~(x) & (z)))
#define MIX_G(x, y, z) (((x) & (z)) | ((y) & ~(z)))
#define MIX_H(x, y, z) ((x) ^ (y) ^ (z))
#define MIX_I(x, y, z) ((y) ^ ((x) | ~(z)))
    /* Round r takes word (first + step * i) mod 16 of the block in step i. */
    SIXTEEN(MIX_F, 0, 1, 0, 7, 12, 17, 22);
    SIXTEEN(MIX_G, 16, 5, 1, 5, 9, 14, 20);
    SIXTEEN(MIX_H, 32, 3, 5, 4, 11, 16, 23);
    SIXTEEN(MIX_I, 48, 7, 0, 6, 10, 15, 21);
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
}

static void md5_start(struct md5 *md5)
{
    *md5 = (struct md5){.state = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u}};
}

static void md5_add(struct md5 *md5, const void *data, size_t length)
{
    const uint8_t *bytes = data;
    size_t held = md5->length & 63;
    md5->length += length;
    if (held) {
        size_t take = length < 64 - held ? length : 64 - held;
        memcpy(md5->pending + held, bytes, take);
        bytes += take, length -= take;
        if (held + take < 64) return;
        md5_block(md5->state, md5->pending);
    }
    for (; length >= 64; bytes += 64, length -= 64) md5_block(md5->state, bytes);
    memcpy(md5->pending, bytes, length);
}

static void md5_end(struct md5 *md5, uint8_t digest[16])
{
    uint64_t bits = md5->length * 8;
    size_t held = md5->length & 63;
    md5->pending[held++] = 0x80;
    if (held > 56) {
        memset(md5->pending + held, 0, 64 - held);
        md5_block(md5->state, md5->pending);
        held = 0;
    }
    memset(md5->pending + held, 0, 56 - held);
    for (int i = 0; i < 8; i++) md5->pending[56 + i] = (uint8_t)(bits >> (8 * i));
    md5_block(md5->state, md5->pending);
    for (int i = 0; i < 16; i++) digest[i] = (uint8_t)(md5->state[i / 4] >> (8 * (i % 4)));
}

static struct md5 hmac_inner, hmac_outer; /* after the padded key */

static void hmac_key(const uint8_t *key, size_t length)
{
    uint8_t pad[64] = {0};
    if (length > 64) {
        struct md5 md5;
        md5_start(&md5);
        md5_add(&md5, key, length);
        md5_end(&md5, pad);
    } else {
        memcpy(pad, key, length);
    }
    for (int i = 0; i < 64; i++) pad[i] ^= 0x36;
    md5_start(&hmac_inner);
    md5_add(&hmac_inner, pad, 64);
    for (int i = 0; i < 64; i++) pad[i] ^= 0x36 ^ 0x5c;
    md5_start(&hmac_outer);
    md5_add(&hmac_outer, pad, 64);
}

static void hmac(const void *data, size_t length, uint8_t digest[16])
{
    struct md5 inner = hmac_inner, outer = hmac_outer;
    md5_add(&inner, data, length);
    md5_end(&inner, digest);
    md5_add(&outer, digest, 16);
    md5_end(&outer, digest);
}

/* The examples of RFC 1321 A.5 and RFC 2104, at every start: a wrong digest here would blame the server. */
static int md5_self_test(void)
{
    static const char letters[] = "12345678901234567890123456789012345678901234567890123456789012345678901234567890";
    static const uint8_t md5_known[16] = {0x57, 0xed, 0xf4, 0xa2, 0x2b, 0xe3, 0xc9, 0x55, 0xac, 0x49, 0xda, 0x2e, 0x21, 0x07, 0xb6, 0x7a};
    static const uint8_t hmac_known[16] = {0x75, 0x0c, 0x78, 0x3e, 0x6a, 0xb0, 0xb5, 0x03, 0xea, 0xa8, 0x6e, 0x31, 0x0a, 0x5d, 0xb7, 0x38};
    uint8_t digest[16];
    struct md5 md5;
    md5_start(&md5);
    md5_add(&md5, letters, 33);
    md5_add(&md5, letters + 33, 47);
    md5_end(&md5, digest);
    int wrong = memcmp(digest, md5_known, 16);
    hmac_key((const uint8_t *)"Jefe", 4);
    hmac("what do ya want for nothing?", 28, digest);
    return !wrong && !memcmp(digest, hmac_known, 16);
}

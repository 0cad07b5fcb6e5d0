/* radload: a windowed RADIUS load generator for loopback. Needs libc only: cc -O2 -o radload radload.c
 *
 * Rules of this file. It reads chains of ready-made requests (benchmarks/packets.py writes them), keeps so many in flight,
 * sends a request again with the same bytes when its answer is late, and believes no answer it has not verified: source,
 * identifier, length, Response Authenticator (RFC 2865 section 3) and Message-Authenticator where present (RFC 3579
 * section 3.2). The next packet of a chain is sent only after the answer to the one before, so that the accounting packets
 * of one session stay in order. It prints one line of JSON. Exit status: 0 all answered, 1 lost or wrong answers, 2 usage.
 *
 * The file, integers in network byte order:
 *   "RADLOAD1", u16 length of the secret, the secret, u32 chains,
 *   a chain: u16 packets, a packet: u8 code of the answer to expect, then the request as on the wire.
 * Identifier, Message-Authenticator and the Accounting-Request authenticator (RFC 2866 section 3) are written here, since
 * they hang on the identifier. An Access-Request gets a fresh authenticator each time it is taken from the file, and its
 * User-Password (RFC 2865 section 5.2) is encrypted anew: a file read again and again never looks like a retransmission.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "md5.h"

enum { ACCESS_REQUEST = 1, ACCESS_ACCEPT = 2, ACCESS_REJECT = 3, ACCOUNTING_REQUEST = 4, ACCOUNTING_RESPONSE = 5 };
enum { USER_PASSWORD = 2, MESSAGE_AUTHENTICATOR = 80 };
enum { HEADER = 20, LONGEST = 4096, MOST_SOCKETS = 64, BATCH = 64 };
#define SECOND 1000000000ull

static void die(const char *what)
{
    fprintf(stderr, "radload: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(2);
}

/* ---- the packet file ---- */

struct request {
    const uint8_t *bytes;
    uint16_t length, password, authenticator; /* offsets of the attributes' values, 0 where there is none */
    uint8_t expect, password_length;
};

struct chain {
    uint32_t first;
    uint16_t packets, next;
};

static uint8_t *secret, *image;
static uint16_t secret_length;
static struct request *requests;
static struct chain *chains;
static uint32_t chain_count, request_count;

static void password_key(const uint8_t *previous, uint8_t key[16])
{
    struct md5 md5;
    md5_start(&md5);
    md5_add(&md5, secret, secret_length);
    md5_add(&md5, previous, 16);
    md5_end(&md5, key);
}

static const uint8_t *need(const uint8_t **at, const uint8_t *end, size_t length)
{
    const uint8_t *here = *at;
    if ((size_t)(end - here) < length) errno = 0, die("the packet file is cut short");
    *at += length;
    return here;
}

static uint16_t get16(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }

static struct request read_request(const uint8_t **at, const uint8_t *end)
{
    struct request request = {.expect = *need(at, end, 1)};
    request.bytes = *at;
    need(at, end, HEADER);
    request.length = get16(request.bytes + 2);
    if (request.length < HEADER || request.length > LONGEST) errno = 0, die("a packet in the file has a wrong length");
    need(at, end, request.length - HEADER);
    uint8_t *bytes = image + (request.bytes - image);
    for (uint16_t i = HEADER; i + 1 < request.length && bytes[i + 1] >= 2; i += bytes[i + 1]) {
        if (bytes[i] == MESSAGE_AUTHENTICATOR && bytes[i + 1] == 18) request.authenticator = i + 2;
        if (bytes[i] == USER_PASSWORD && bytes[0] == ACCESS_REQUEST && (bytes[i + 1] - 2) % 16 == 0) {
            request.password = i + 2;
            request.password_length = bytes[i + 1] - 2;
        }
    }
    /* The image keeps the password in clear, from the last block to the first as each hangs on the one before. */
    for (int block = request.password_length - 16; block >= 0; block -= 16) {
        uint8_t key[16], *value = bytes + request.password + block;
        password_key(block ? value - 16 : bytes + 4, key);
        for (int i = 0; i < 16; i++) value[i] ^= key[i];
    }
    return request;
}

static void read_file(const char *path)
{
    struct stat about;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &about) < 0) die(path);
    image = malloc((size_t)about.st_size + 1);
    for (off_t got = 0; got < about.st_size;) {
        ssize_t more = read(file, image + got, (size_t)(about.st_size - got));
        if (more <= 0) die(path);
        got += more;
    }
    close(file);
    const uint8_t *at = image, *end = image + about.st_size;
    if (memcmp(need(&at, end, 8), "RADLOAD1", 8)) errno = 0, die("not a packet file");
    secret_length = get16(need(&at, end, 2));
    secret = image + (need(&at, end, secret_length) - image);
    hmac_key(secret, secret_length);
    const uint8_t *count = need(&at, end, 4);
    chain_count = (uint32_t)get16(count) << 16 | get16(count + 2);
    chains = calloc(chain_count, sizeof *chains);
    uint32_t room = 0;
    for (uint32_t i = 0; i < chain_count; i++) {
        chains[i] = (struct chain){.first = request_count, .packets = get16(need(&at, end, 2))};
        for (int j = 0; j < chains[i].packets; j++) {
            if (request_count == room) requests = realloc(requests, (room = room * 2 + 1024) * sizeof *requests);
            requests[request_count++] = read_request(&at, end);
        }
    }
}

/* ---- requests in flight ---- */

struct slot {
    uint64_t due, sent; /* ns: when the request was to leave first, when it left last */
    uint32_t chain, request;
    uint16_t length, tries;
    uint8_t busy, authenticator[16], before[16]; /* `before`: of the request that used this slot last */
    uint8_t *bytes;
};

static struct {
    const char *file, *host, *ack_log;
    int port, window, sockets, tries, loop;
    double seconds, rate, timeout, coalesce;
} options = {.host = "127.0.0.1", .window = 64, .tries = 10, .timeout = 1.0, .coalesce = -1};

static struct {
    uint64_t sent, answered, accepted, rejected, acknowledged, unexpected, lost, retransmitted, bad, duplicates, unbegun, in_time;
} count;

static int sockets[MOST_SOCKETS];
static struct slot *slots;
static uint32_t slot_count, cursor, in_flight, *ready, ready_head, ready_count, next_chain;
static struct { struct mmsghdr messages[BATCH]; struct iovec vectors[BATCH]; int count; } outgoing[MOST_SOCKETS];
static float *latencies;
static size_t latency_room;
static FILE *acknowledgements;
static uint64_t started, last_answer, deadline, random_state;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static uint64_t next_random(void) /* a Weyl sequence through a mixer: unlike each time, no need to be secret here */
{
    uint64_t x = random_state += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
    return x ^ (x >> 32);
}

static void flush_socket(int index)
{
    int done = 0;
    while (done < outgoing[index].count) {
        int sent = sendmmsg(sockets[index], outgoing[index].messages + done, (unsigned)(outgoing[index].count - done), 0);
        if (sent > 0) done += sent;
        else if (errno == ECONNREFUSED) continue; /* the report of an earlier packet; reading it clears it */
        else if (errno != EINTR) done++;          /* full buffers: this one goes out again after the timeout */
    }
    outgoing[index].count = 0;
}

static void send_slot(uint32_t index, uint64_t time)
{
    struct slot *slot = &slots[index];
    int socket = (int)(index % (uint32_t)options.sockets);
    if (outgoing[socket].count == BATCH) flush_socket(socket);
    int place = outgoing[socket].count++;
    outgoing[socket].vectors[place] = (struct iovec){slot->bytes, slot->length};
    outgoing[socket].messages[place].msg_hdr = (struct msghdr){.msg_iov = &outgoing[socket].vectors[place], .msg_iovlen = 1};
    slot->sent = time;
    slot->tries++;
}

/* Copies the request into the slot and signs it under the slot's identifier. */
static void sign(uint32_t index, const struct request *request)
{
    struct slot *slot = &slots[index];
    uint8_t *bytes = slot->bytes;
    memcpy(bytes, request->bytes, request->length);
    slot->length = request->length;
    bytes[1] = (uint8_t)(index / (uint32_t)options.sockets);
    if (bytes[0] == ACCESS_REQUEST) {
        uint64_t fresh[2] = {next_random(), next_random()};
        memcpy(bytes + 4, fresh, 16);
        for (int block = 0; block < request->password_length; block += 16) {
            uint8_t key[16], *value = bytes + request->password + block;
            password_key(block ? value - 16 : bytes + 4, key);
            for (int i = 0; i < 16; i++) value[i] ^= key[i];
        }
    } else {
        memset(bytes + 4, 0, 16);
    }
    if (request->authenticator) {
        memset(bytes + request->authenticator, 0, 16);
        hmac(bytes, request->length, bytes + request->authenticator);
    }
    if (bytes[0] == ACCOUNTING_REQUEST) {
        struct md5 md5;
        md5_start(&md5);
        md5_add(&md5, bytes, request->length);
        md5_add(&md5, secret, secret_length);
        md5_end(&md5, bytes + 4);
    }
    memcpy(slot->before, slot->authenticator, 16);
    memcpy(slot->authenticator, bytes + 4, 16);
}

/* The next chain that may send: one whose answer came, else a new one while there is time. */
static int take_chain(uint64_t time, uint32_t *chain)
{
    if (ready_count) {
        *chain = ready[ready_head];
        ready_head = (ready_head + 1) % slot_count;
        ready_count--;
        return 1;
    }
    if (next_chain == chain_count && options.loop) next_chain = 0;
    if (next_chain == chain_count || time >= deadline) return 0;
    *chain = next_chain++;
    chains[*chain].next = 0;
    return 1;
}

static void begin(uint32_t chain, uint64_t due, uint64_t time)
{
    while (slots[cursor].busy) cursor = (cursor + 1) % slot_count;
    uint32_t index = cursor;
    cursor = (cursor + 1) % slot_count; /* round and round: an identifier rests as long as it can */
    struct slot *slot = &slots[index];
    slot->chain = chain;
    slot->request = chains[chain].first + chains[chain].next;
    slot->tries = 0;
    slot->due = due;
    slot->busy = 1;
    sign(index, &requests[slot->request]);
    send_slot(index, time);
    in_flight++;
    count.sent++;
}

static int verified(const struct slot *slot, const uint8_t *reply, uint16_t length, const uint8_t *authenticator)
{
    struct md5 md5;
    uint8_t digest[16];
    md5_start(&md5);
    md5_add(&md5, reply, 4);
    md5_add(&md5, authenticator, 16);
    md5_add(&md5, reply + HEADER, (size_t)length - HEADER);
    md5_add(&md5, secret, secret_length);
    md5_end(&md5, digest);
    if (memcmp(digest, reply + 4, 16)) return 0;
    for (uint16_t i = HEADER; i < length; i += reply[i + 1]) {
        if (i + 1 >= length || reply[i + 1] < 2 || i + reply[i + 1] > length) return 0;
        if (reply[i] != MESSAGE_AUTHENTICATOR) continue;
        if (reply[i + 1] != 18) return 0;
        uint8_t copy[LONGEST];
        memcpy(copy, reply, length);
        /* No RFC says which authenticator is signed in the answer to an Accounting-Request: FreeRADIUS takes zeros, others
         * take the request's as in all answers. */
        int fits = 0;
        for (int zeros = 0; zeros <= (slot->bytes[0] == ACCOUNTING_REQUEST) && !fits; zeros++) {
            if (zeros) memset(copy + 4, 0, 16);
            else memcpy(copy + 4, authenticator, 16);
            memset(copy + i + 2, 0, 16);
            hmac(copy, length, digest);
            fits = !memcmp(digest, reply + i + 2, 16);
        }
        if (!fits) return 0;
    }
    return 1;
}

static void record(uint64_t nanoseconds)
{
    if (count.answered == latency_room) {
        latency_room = latency_room * 2 + 65536;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
    }
    latencies[count.answered++] = (float)nanoseconds / 1e6f;
}

static void receive(int socket, const uint8_t *reply, size_t size, uint64_t time)
{
    uint16_t length = size >= HEADER ? get16(reply + 2) : 0;
    if (length < HEADER || length > size) {
        count.bad++;
        return;
    }
    struct slot *slot = &slots[reply[1] * (uint32_t)options.sockets + (uint32_t)socket];
    if (!slot->busy || !verified(slot, reply, length, slot->authenticator)) {
        /* The second answer to a request sent twice is no fault; anything else is. */
        if (verified(slot, reply, length, slot->busy ? slot->before : slot->authenticator)) count.duplicates++;
        else count.bad++;
        return;
    }
    slot->busy = 0;
    in_flight--;
    last_answer = time;
    if (time <= deadline) count.in_time++;
    record(time - slot->due);
    if (reply[0] == ACCESS_ACCEPT) count.accepted++;
    if (reply[0] == ACCESS_REJECT) count.rejected++;
    if (reply[0] == ACCOUNTING_RESPONSE) count.acknowledged++;
    if (reply[0] != requests[slot->request].expect) count.unexpected++;
    struct chain *chain = &chains[slot->chain];
    if (acknowledgements) fprintf(acknowledgements, "%u %u\n", slot->chain, slot->request - chain->first);
    if (++chain->next < chain->packets) ready[(ready_head + ready_count++) % slot_count] = slot->chain;
}

static void drain(int socket)
{
    static uint8_t buffers[BATCH][LONGEST];
    static struct mmsghdr messages[BATCH];
    static struct iovec vectors[BATCH];
    int got;
    do {
        for (int i = 0; i < BATCH; i++) {
            vectors[i] = (struct iovec){buffers[i], LONGEST};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
        }
        got = recvmmsg(sockets[socket], messages, BATCH, 0, NULL);
        uint64_t time = now();
        for (int i = 0; i < got; i++) receive(socket, buffers[i], messages[i].msg_len, time);
    } while (got == BATCH || (got < 0 && (errno == EINTR || errno == ECONNREFUSED)));
}

static void retransmit(uint64_t time)
{
    for (uint32_t i = 0; i < slot_count; i++) {
        if (!slots[i].busy || time - slots[i].sent < (uint64_t)(options.timeout * SECOND)) continue;
        if (slots[i].tries >= options.tries) {
            slots[i].busy = 0; /* its chain ends here: a session does not go on past a packet nobody took */
            in_flight--;
            count.lost++;
        } else {
            send_slot(i, time);
            count.retransmitted++;
        }
    }
}

static void open_sockets(void)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    if (inet_pton(AF_INET, options.host, &server.sin_addr) != 1) errno = 0, die("--host takes an IPv4 address");
    int size = 4 << 20;
    for (int i = 0; i < options.sockets; i++) {
        sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        setsockopt(sockets[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        if (sockets[i] < 0 || connect(sockets[i], (struct sockaddr *)&server, sizeof server) < 0) die("socket");
    }
    slot_count = 256u * (uint32_t)options.sockets;
    slots = calloc(slot_count, sizeof *slots);
    ready = calloc(slot_count, sizeof *ready);
    uint8_t *room = malloc((size_t)slot_count * LONGEST);
    for (uint32_t i = 0; i < slot_count; i++) slots[i].bytes = room + (size_t)i * LONGEST;
}

static void sleep_until_ready(struct pollfd *polls, uint64_t time, uint64_t due)
{
    uint64_t wait = SECOND / 20; /* the timer of retransmissions */
    if (due > time && due - time < wait) wait = due - time;
    /* Paced sending leaves in small bursts: a wake-up for each packet would cost more than the packet. */
    if (due != UINT64_MAX && wait < SECOND / 5000) wait = SECOND / 5000;
    struct timespec timeout = {0, (long)wait};
    ppoll(polls, (nfds_t)options.sockets, &timeout, NULL);
    if (options.coalesce > 0 && in_flight > 1) {
        struct timespec pause = {0, (long)(options.coalesce * 1000)};
        nanosleep(&pause, NULL);
    }
}

static void run(void)
{
    struct pollfd polls[MOST_SOCKETS];
    for (int i = 0; i < options.sockets; i++) polls[i] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
    started = last_answer = now();
    deadline = options.seconds > 0 ? started + (uint64_t)(options.seconds * SECOND) : UINT64_MAX;
    uint64_t checked = started, paced = 0, time = started;
    for (;;) {
        uint32_t chain;
        uint64_t due = UINT64_MAX;
        int more = 1;
        while (in_flight < (uint32_t)options.window) {
            if (options.rate > 0) {
                due = started + (uint64_t)((double)paced / options.rate * (double)SECOND);
                if (due > time) break;
            }
            if (!(more = take_chain(time, &chain))) break;
            begin(chain, options.rate > 0 ? due : time, time);
            paced++;
        }
        if (options.rate > 0 && in_flight == (uint32_t)options.window) due = UINT64_MAX;
        for (int i = 0; i < options.sockets; i++) flush_socket(i);
        if (!in_flight && !more) break;
        sleep_until_ready(polls, time, due);
        for (int i = 0; i < options.sockets; i++)
            if (polls[i].revents) drain(i);
        if (acknowledgements) fflush(acknowledgements);
        time = now();
        if (time - checked > SECOND / 20) {
            retransmit(time);
            checked = time;
        }
    }
    if (options.rate > 0) count.unbegun = (uint64_t)(options.seconds * options.rate) > paced ? (uint64_t)(options.seconds * options.rate) - paced : 0;
}

static int ascending(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

static double percentile(double share)
{
    if (!count.answered) return 0;
    size_t index = (size_t)(share * (double)count.answered);
    return (double)latencies[index < count.answered ? index : count.answered - 1];
}

static double cpu_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void print_result(double cpu)
{
    /* The rate is that until the deadline: what comes after is the end of chains begun, with ever less in flight. */
    uint64_t until = last_answer < deadline ? last_answer : deadline;
    double seconds = (double)(last_answer - started) / (double)SECOND, sum = 0;
    double rate = until > started ? (double)count.in_time / ((double)(until - started) / (double)SECOND) : 0;
    qsort(latencies, count.answered, sizeof *latencies, ascending);
    for (uint64_t i = 0; i < count.answered; i++) sum += (double)latencies[i];
    printf("{\"window\": %d, \"target_rate\": %.0f, \"sockets\": %d, \"chains\": %u", options.window, options.rate, options.sockets,
           options.loop ? chain_count : next_chain);
    printf(", \"sent\": %llu, \"answered\": %llu", (unsigned long long)count.sent, (unsigned long long)count.answered);
    printf(", \"accepted\": %llu, \"rejected\": %llu", (unsigned long long)count.accepted, (unsigned long long)count.rejected);
    printf(", \"acknowledged\": %llu, \"unexpected\": %llu", (unsigned long long)count.acknowledged, (unsigned long long)count.unexpected);
    printf(", \"lost\": %llu, \"retransmitted\": %llu", (unsigned long long)count.lost, (unsigned long long)count.retransmitted);
    printf(", \"bad\": %llu, \"duplicates\": %llu", (unsigned long long)count.bad, (unsigned long long)count.duplicates);
    printf(", \"unbegun\": %llu", (unsigned long long)count.unbegun);
    printf(", \"seconds\": %.4f, \"rate\": %.1f", seconds, rate);
    printf(", \"mean_ms\": %.4f, \"p50_ms\": %.4f", count.answered ? sum / (double)count.answered : 0, percentile(0.5));
    printf(", \"p95_ms\": %.4f, \"p99_ms\": %.4f, \"max_ms\": %.4f", percentile(0.95), percentile(0.99), percentile(1));
    printf(", \"cpu_seconds\": %.4f, \"cpu_share\": %.4f}\n", cpu, seconds > 0 ? cpu / seconds : 0);
}

static const char usage[] =
    "radload --file FILE --port PORT [--host 127.0.0.1] [--window 64] [--seconds S] [--loop] [--rate R] [--timeout 1]\n"
    "        [--tries 10] [--sockets N] [--coalesce MICROSECONDS] [--ack-log FILE]\n\n"
    "  --file      chains of requests made by packets.py\n"
    "  --window    requests in flight, 1 to 4096; with --rate the most there may be\n"
    "  --seconds   no new chain after so long; chains begun are finished (0: all of the file)\n"
    "  --loop      begin the file anew when it is through (sign-ins only: a session must not be accounted twice)\n"
    "  --rate      open loop: so many requests a second, whatever the answers do; latency counts from when each was due\n"
    "  --timeout   seconds before a request is sent again, --tries: how often it is sent in all before it counts as lost\n"
    "  --sockets   source ports (default: by window)\n"
    "  --coalesce  pause before reading answers, so that one wake-up takes several (default: by window)\n"
    "  --ack-log   append a line `chain position` for every answer, flushed before anything else is sent\n";

static void parse(int argc, char **argv)
{
    static const struct option known[] = {
        {"file", 1, 0, 'f'},    {"host", 1, 0, 'h'},  {"port", 1, 0, 'p'},    {"window", 1, 0, 'w'},  {"seconds", 1, 0, 's'}, {"loop", 0, 0, 'l'},
        {"rate", 1, 0, 'r'},    {"tries", 1, 0, 't'}, {"timeout", 1, 0, 'o'}, {"sockets", 1, 0, 'k'}, {"ack-log", 1, 0, 'a'}, {"coalesce", 1, 0, 'c'},
        {0, 0, 0, 0}};
    for (int letter; (letter = getopt_long(argc, argv, "", known, NULL)) != -1;) switch (letter) {
        case 'f': options.file = optarg; break;
        case 'h': options.host = optarg; break;
        case 'p': options.port = atoi(optarg); break;
        case 'w': options.window = atoi(optarg); break;
        case 's': options.seconds = atof(optarg); break;
        case 'l': options.loop = 1; break;
        case 'r': options.rate = atof(optarg); break;
        case 't': options.tries = atoi(optarg); break;
        case 'o': options.timeout = atof(optarg); break;
        case 'k': options.sockets = atoi(optarg); break;
        case 'a': options.ack_log = optarg; break;
        case 'c': options.coalesce = atof(optarg); break;
        default: fputs(usage, stderr), exit(2);
        }
    /* Several ports, so that a server of several processes gets work for each; few, so that one call takes many answers. */
    if (!options.sockets) options.sockets = options.window < 16 ? 1 : options.window <= 1024 ? 4 : 16;
    /* Many in flight wait for milliseconds; 50 us more before answers are read cost nothing and save half the wake-ups. */
    if (options.coalesce < 0) options.coalesce = options.window < 64 || options.rate > 0 ? 0 : 50;
    int endless = options.loop && options.seconds <= 0;
    if (optind < argc || !options.file || options.port < 1 || options.port > 65535 || options.window < 1 || options.tries < 1 || endless
        || options.sockets < 1 || options.sockets > MOST_SOCKETS || options.window > 256 * options.sockets || options.window > 4096)
        fputs(usage, stderr), exit(2);
}

int main(int argc, char **argv)
{
    parse(argc, argv);
    if (!md5_self_test()) errno = 0, die("MD5 is wrong on this machine");
    read_file(options.file);
    open_sockets();
    if (options.ack_log && !(acknowledgements = fopen(options.ack_log, "a"))) die(options.ack_log);
    prctl(PR_SET_TIMERSLACK, 1000ul); /* the default, 50 us, would blur the pacing */
    random_state = now() ^ (uint64_t)getpid() << 40;
    double cpu = cpu_seconds();
    run();
    print_result(cpu_seconds() - cpu);
    return count.lost || count.bad || count.unexpected ? 1 : 0;
}

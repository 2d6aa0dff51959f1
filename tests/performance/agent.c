/* An SNMP v1 and v2c agent that answers for every address of 127.0.0.0/8 on one port.

   agent --port P [--delay MS] [--dead PERCENT] --seconds N

   It hears the loopback only, answers from the address that was asked, and stops by itself after N
   seconds or with its parent. Any community is good. It prints its port, a free one for 0. Counters
   follow the clock, at a rate of its own for each address; --dead addresses, chosen by a hash, never
   answer. Linux, gcc -O2. */

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, RING = 16384, LARGEST = 1872, NAMES = 64, FRONT = 400, MOST_NAMES = 128 };
enum { INTEGER = 2, STRING = 4, NAME = 6, SEQUENCE = 0x30, GET = 0xa0, NEXT = 0xa1, RESPONSE = 0xa2, BULK = 0xa5 };
enum { COUNTER = 0x41, GAUGE, TICKS, COUNTER64 = 0x46, NO_INSTANCE = 0x81, END_OF_VIEW, TOO_BIG = 1, NO_SUCH_NAME };

typedef uint8_t u8;
typedef struct { const u8 *at, *end; } Slice;
typedef struct { u8 text[12]; int length; int group, column, row; } Name;
typedef struct { uint64_t due; struct sockaddr_in to; struct in_addr from; int start, length; u8 data[LARGEST]; } Reply;

static Name mib[NAMES];
static Reply *ring;
static unsigned head, tail;
static int names;
static double born;

static double clock_now(clockid_t which) {
    struct timespec t;
    return clock_gettime(which, &t), t.tv_sec + t.tv_nsec / 1e9;
}

static uint32_t hash(uint32_t address, uint32_t salt) {
    uint32_t h = address * 2654435761u + salt;
    h = (h ^ h >> 15) * 2246822519u;
    return h ^ h >> 13;
}

/* -- the MIB: sorted by encoded name, which is their own order as no part of them exceeds 127 */

static void add(int group, const char *head, const char *columns, int rows) {
    for (; *columns; columns++)
        for (int row = rows > 0; row <= rows; row++) {
            int size = strlen(head);
            Name *name = &mib[names++];
            memcpy(name->text, head, size);
            name->text[size] = name->column = *columns, name->text[size + 1] = name->row = row;
            name->length = size + 2, name->group = group;
        }
}

static int compare(const Name *name, Slice asked) {
    int size = asked.end - asked.at, order = memcmp(name->text, asked.at, name->length < size ? name->length : size);
    return order ? order : name->length - size;
}

/* The first name at or after the one asked; with past = 1, after it. */
static int seek(Slice asked, int past) {
    int low = 0, high = names;
    while (low < high) {
        int middle = (low + high) / 2, before = compare(&mib[middle], asked) < past;
        *(before ? &low : &high) = middle + before;
    }
    return low;
}

static int number(u8 *out, int tag, uint64_t value) {
    int size = 1;
    while (size < 9 && value >> (8 * size - 1)) size++; /* a byte of 0 before a high bit: BER has signs */
    out[0] = tag, out[1] = size;
    for (int i = 0; i < size; i++) out[2 + i] = size - i > 8 ? 0 : value >> 8 * (size - i - 1);
    return 2 + size;
}

static int text(u8 *out, const char *value) {
    out[0] = STRING, out[1] = strlen(value);
    memcpy(out + 2, value, out[1]);
    return 2 + out[1];
}

static int own_name(u8 *out, uint32_t a) {
    return out[0] = STRING, 2 + (out[1] = sprintf((char *)out + 2, "r-%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255));
}

/* Write the value of a name, at most 60 bytes, and return its length. */
static int value(u8 *out, const Name *name, uint32_t address) {
    double age = 1e6 + hash(address, 1) % 1000000 + (clock_now(CLOCK_REALTIME) - born);
    double rate = 10000 + hash(address, 2) % 1000000; /* octets/s in; half of it out; one error a kilosecond */
    uint64_t in = rate * age * (name->row == 1), out_octets = in / 2;
    switch (name->group << 8 | name->column) {
    case 0x001: return text(out, "Bench router, IOS 15.7(3)M4");
    case 0x003: return number(out, TICKS, (uint64_t)(age * 100) & UINT32_MAX);
    case 0x005: return own_name(out, address);
    case 0x101: return number(out, INTEGER, name->row);
    case 0x102: return text(out, name->row == 1 ? "GigabitEthernet0/0" : "Loopback0");
    case 0x105: return number(out, GAUGE, 20000000);
    case 0x107: case 0x108: return number(out, INTEGER, 1);
    case 0x109: return number(out, TICKS, 4200);
    case 0x10a: return number(out, COUNTER, in & UINT32_MAX);
    case 0x110: return number(out, COUNTER, out_octets & UINT32_MAX);
    case 0x10d: case 0x10e: case 0x113: case 0x114: return number(out, COUNTER, age / 1000);
    case 0x201: return text(out, name->row == 1 ? "Gi0/0" : "Lo0");
    case 0x206: return number(out, COUNTER64, in);
    case 0x20a: return number(out, COUNTER64, out_octets);
    case 0x20f: return number(out, GAUGE, 20);
    case 0x212: return own_name(out, address);
    default: return number(out, TICKS, 0);
    }
}

/* -- reading: every length is checked against what holds it; 0 is a refusal */

static int open_tlv(Slice *in, int *tag, Slice *body) {
    if (in->end - in->at < 2) return 0;
    *tag = *in->at++;
    unsigned length = *in->at++;
    if (length & 0x80) {
        int size = length & 0x7f;
        if (size < 1 || size > 2 || in->end - in->at < size) return 0;
        for (length = 0; size; size--) length = length << 8 | *in->at++;
    }
    if (length > (size_t)(in->end - in->at)) return 0;
    body->at = in->at, body->end = in->at += length;
    return 1;
}

static int expect(Slice *in, int wanted, Slice *body) {
    return in->at < in->end && *in->at == wanted && open_tlv(in, &wanted, body);
}

static int integer(Slice *in, long *out) {
    Slice body;
    if (!expect(in, INTEGER, &body) || body.end == body.at || body.end - body.at > 4) return 0;
    *out = (int8_t)*body.at;
    while (++body.at < body.end) *out = *out * 256 + *body.at;
    return 1;
}

/* -- writing: names and values forwards from data + FRONT, what stands around them backwards */

static int header(u8 *out, int tag, int length) {
    out[0] = tag;
    if (length < 128) return out[1] = length, 2;
    if (length < 256) return out[1] = 0x81, out[2] = length, 3;
    return out[1] = 0x82, out[2] = length >> 8, out[3] = length, 4;
}

static void push(u8 **at, const u8 *bytes, int length) { memcpy(*at -= length, bytes, length); }

typedef struct { int version; uint32_t address; u8 *list; int at, error, index; } Answer;

/* Add a name and its encoded value; return 0 when the answer is full. */
static int put(Answer *to, const u8 *name, int name_length, const u8 *value, int length) {
    u8 *out = to->list + to->at;
    int inner = (name_length < 128 ? 2 : name_length < 256 ? 3 : 4) + name_length + length;
    if (to->at + 4 + inner > LARGEST - FRONT) return 0;
    out += header(out, SEQUENCE, inner);
    out += header(out, NAME, name_length);
    memcpy(out, name, name_length);
    memcpy(out + name_length, value, length);
    return to->at = out + name_length + length - to->list;
}

static int hidden(const Answer *to, int place) { /* SNMPv1 has no Counter64 */
    return to->version == 0 && mib[place].group == 2 && (mib[place].column == 6 || mib[place].column == 10);
}

static int put_place(Answer *to, int place) {
    u8 out[72];
    return put(to, mib[place].text, mib[place].length, out, value(out, &mib[place], to->address));
}

/* Answer one name of a GET; return 0 when the answer is full. */
static int get_one(Answer *to, Slice asked, int index) {
    static const u8 none[] = {NO_INSTANCE, 0};
    int place = seek(asked, 0);
    if (place < names && !compare(&mib[place], asked) && !hidden(to, place)) return put_place(to, place);
    if (to->version == 0) return to->error = NO_SUCH_NAME, to->index = index;
    return put(to, asked.at, asked.end - asked.at, none, 2);
}

/* Answer with the name at *place or the first after it, and move on; return 0 when the answer is full. */
static int next_one(Answer *to, Slice asked, int *place, int index) {
    static const u8 end[] = {END_OF_VIEW, 0};
    while (*place < names && hidden(to, *place)) ++*place;
    if (*place < names) return put_place(to, (*place)++);
    if (to->version == 0) return to->error = NO_SUCH_NAME, to->index = index;
    return put(to, asked.at, asked.end - asked.at, end, 2);
}

static void answer_bulk(Answer *to, Slice *asked, int count, long fixed, long times) {
    int place[MOST_NAMES];
    Slice last = {mib[names - 1].text, mib[names - 1].text + mib[names - 1].length};
    for (int i = 0; i < count; i++) place[i] = seek(asked[i], 1);
    for (int i = 0; i < count && i < fixed; i++)
        if (!next_one(to, asked[i], &place[i], i + 1)) return;
    for (int more = 1; times > 0 && more; times--) {
        more = 0;
        for (int i = fixed < 0 ? 0 : fixed; i < count; i++) {
            if (place[i] == names && compare(&mib[names - 1], asked[i]) > 0) asked[i] = last;
            if (!next_one(to, asked[i], &place[i], i + 1)) return;
            more |= place[i] < names;
        }
    }
}

/* Write the answer to a message into data, return its length and where it starts; 0: no answer. */
static int respond(Slice in, uint32_t address, u8 *data, int *start) {
    Slice message, community, pdu, identifier, list, pair, asked[MOST_NAMES];
    long version, first, second;
    int kind, count = 0;
    if (!expect(&in, SEQUENCE, &message) || !integer(&message, &version) || version < 0 || version > 1) return 0;
    if (!expect(&message, STRING, &community) || community.end - community.at > 255) return 0;
    if (!open_tlv(&message, &kind, &pdu) || (kind != GET && kind != NEXT && (kind != BULK || !version))) return 0;
    if (!expect(&pdu, INTEGER, &identifier) || identifier.end - identifier.at > 8) return 0;
    if (!integer(&pdu, &first) || !integer(&pdu, &second) || !expect(&pdu, SEQUENCE, &list)) return 0;
    for (Slice rest = list; rest.at < rest.end; count++) {
        if (count == MOST_NAMES || !expect(&rest, SEQUENCE, &pair) || !expect(&pair, NAME, &asked[count])) return 0;
        if (asked[count].at == asked[count].end) return 0;
    }
    Answer to = {version, address, data + FRONT, 0, 0, 0};
    if (kind == BULK) answer_bulk(&to, asked, count, first, second);
    else
        for (int i = 0; i < count && !to.error; i++) {
            int place = seek(asked[i], 1);
            int room = kind == NEXT ? next_one(&to, asked[i], &place, i + 1) : get_one(&to, asked[i], i + 1);
            if (!room) to.error = TOO_BIG;
        }
    if (to.error) { /* RFC 1157: an error gives back what was asked; RFC 3416: tooBig gives nothing */
        to.at = 0;
        if (version == 0 && list.end - list.at <= LARGEST - FRONT)
            memcpy(to.list, list.at, to.at = list.end - list.at);
    }
    u8 small[16], *at = to.list, *end = to.list + to.at;
    push(&at, small, header(small, SEQUENCE, to.at));
    push(&at, small, number(small, INTEGER, to.index));
    push(&at, small, number(small, INTEGER, to.error));
    push(&at, identifier.at, identifier.end - identifier.at);
    push(&at, small, header(small, INTEGER, identifier.end - identifier.at));
    push(&at, small, header(small, RESPONSE, end - at));
    push(&at, community.at, community.end - community.at);
    push(&at, small, header(small, STRING, community.end - community.at));
    push(&at, small, number(small, INTEGER, version));
    push(&at, small, header(small, SEQUENCE, end - at));
    *start = at - data;
    return end - at;
}

/* -- the socket */

static int listening(int port) {
    int one = 1, room = 64 << 20, fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof here;
    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3); /* addresses are checked in hear() too */
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
    for (int way = 0; way < 2; way++) /* root may have more than the limit */
        if (setsockopt(fd, SOL_SOCKET, way ? SO_SNDBUFFORCE : SO_RCVBUFFORCE, &room, sizeof room))
            setsockopt(fd, SOL_SOCKET, way ? SO_SNDBUF : SO_RCVBUF, &room, sizeof room);
    if (bind(fd, (struct sockaddr *)&here, size) || getsockname(fd, (struct sockaddr *)&here, &size))
        perror("agent"), exit(1);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    return fd;
}

typedef union { char room[CMSG_SPACE(sizeof(struct in_pktinfo))]; struct cmsghdr head; } Control;

/* Take what came and queue the answers; return how many messages there were. */
static int hear(int fd, uint64_t due, double dead) {
    static u8 data[BATCH][2048];
    struct mmsghdr messages[BATCH] = {0};
    struct iovec parts[BATCH];
    struct sockaddr_in from[BATCH];
    Control controls[BATCH];
    int room = RING - (tail - head) < BATCH ? RING - (tail - head) : BATCH;
    for (int i = 0; i < room; i++) {
        parts[i] = (struct iovec){data[i], sizeof data[i]};
        messages[i].msg_hdr = (struct msghdr){&from[i], sizeof from[i], &parts[i], 1, &controls[i], sizeof controls[i], 0};
    }
    int came = recvmmsg(fd, messages, room, MSG_DONTWAIT, NULL);
    for (int i = 0; i < came; i++) {
        struct cmsghdr *info = CMSG_FIRSTHDR(&messages[i].msg_hdr);
        if (!info || info->cmsg_type != IP_PKTINFO || messages[i].msg_hdr.msg_flags & MSG_TRUNC) continue;
        struct in_addr asked = ((struct in_pktinfo *)CMSG_DATA(info))->ipi_addr;
        uint32_t address = ntohl(asked.s_addr), asker = ntohl(from[i].sin_addr.s_addr);
        if (address >> 24 != 127 || asker >> 24 != 127) continue;
        if (hash(address, 3) % 10000 < dead * 100) continue;
        Reply *reply = &ring[tail % RING];
        reply->length = respond((Slice){data[i], data[i] + messages[i].msg_len}, address, reply->data, &reply->start);
        if (reply->length) reply->due = due, reply->to = from[i], reply->from = asked, tail++;
    }
    return came;
}

/* Send what is due, at most one batch; return how many were sent. */
static int speak(int fd, uint64_t now) {
    struct mmsghdr messages[BATCH] = {0};
    struct iovec parts[BATCH];
    Control controls[BATCH];
    int count = 0;
    for (; count < BATCH && head + count != tail && ring[(head + count) % RING].due <= now; count++) {
        Reply *reply = &ring[(head + count) % RING];
        parts[count] = (struct iovec){reply->data + reply->start, reply->length};
        controls[count].head = (struct cmsghdr){CMSG_LEN(sizeof(struct in_pktinfo)), IPPROTO_IP, IP_PKTINFO};
        struct in_pktinfo from = {0, reply->from, {0}};
        memcpy(CMSG_DATA(&controls[count].head), &from, sizeof from);
        messages[count].msg_hdr = (struct msghdr){&reply->to, sizeof reply->to, &parts[count], 1, &controls[count], sizeof controls[count], 0};
    }
    int sent = count ? sendmmsg(fd, messages, count, 0) : 0;
    if (sent < 0) sent = errno != EAGAIN; /* one that cannot be sent holds up no other */
    return head += sent, sent;
}

int main(int argc, char **argv) {
    static const char *const words[] = {"--port", "--delay", "--dead", "--seconds"};
    double given[] = {-1, 0, 0, 0};
    for (int i = 1; i + 1 < argc; i += 2)
        for (int word = 0; word < 4; word++)
            if (!strcmp(argv[i], words[word])) given[word] = atof(argv[i + 1]);
    double port = given[0], delay = given[1], dead = given[2], seconds = given[3];
    if (port < 0 || port > 65535 || seconds <= 0 || seconds > 86400 || delay < 0 || delay > 60000)
        return fputs("agent --port P [--delay MS] [--dead PERCENT] --seconds N\n", stderr), 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    add(0, "\x2b\6\1\2\1\1", "\1\3\5", 0);
    add(1, "\x2b\6\1\2\1\2\2\1", "\1\2\5\7\x8\x9\xa\xd\xe\x10\x13\x14", 2);
    add(2, "\x2b\6\1\2\1\x1f\1\1\1", "\1\6\xa\xf\x12\x13", 2);
    ring = calloc(RING, sizeof *ring);
    born = clock_now(CLOCK_REALTIME);
    double end = clock_now(CLOCK_MONOTONIC) + seconds;
    int fd = listening(port);
    for (double now; (now = clock_now(CLOCK_MONOTONIC)) < end;) {
        uint64_t here = now * 1e9;
        int sent = speak(fd, here), room = tail - head < RING;
        if ((room && hear(fd, here + (uint64_t)(delay * 1e6), dead) > 0) || sent) continue;
        uint64_t due = head == tail ? here + 200000000 : ring[head % RING].due;
        struct timespec pause = {0, due > here ? due - here : 100000};
        if (pause.tv_nsec > 200000000) pause.tv_nsec = 200000000;
        ppoll(&(struct pollfd){fd, room ? POLLIN : 0, 0}, 1, &pause, NULL);
    }
    return 0;
}

// UDP through a router, for .ci/readme-fpm:
//   fpm-probe send DEVICE MAC SOURCE PORT RATE SECONDS FILE   to the addresses in FILE in turn, by the router with that MAC;
//                                                             until SIGTERM where that is sooner; prints how many were sent
//   fpm-probe receive DEVICE PORT                             until SIGTERM; prints for each address
//                                                             packets, lost, longest gap in ms, first and last time in ns
//   fpm-probe count DEVICE PORT                               until SIGTERM; prints how many packets, and takes none of them
//   fpm-probe wake CPU                                        until SIGTERM wakes there every 0.5 ms, real-time; prints how
//                                                             often, how often later than 1 ms, and how late at most in ms
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 60, BURST = 32, FLOWS = 4096, NANOS = 1000000000 };

static volatile sig_atomic_t ended;

static void end(int signal) {
    (void)signal;
    ended = 1;
}

static int checked(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * (int64_t)NANOS + t.tv_nsec;
}

static void put16(uint8_t *at, int value) {
    at[0] = value >> 8;
    at[1] = value;
}

static void sum(uint8_t *ip) {
    uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2) sum += ip[i] << 8 | ip[i + 1];
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    put16(ip + 10, ~sum);
}

static uint8_t frames[FLOWS][FRAME];
static uint64_t numbers[FLOWS];

static int flows(int fd, char **words) {
    struct ifreq request = {0};
    strncpy(request.ifr_name, words[0], IFNAMSIZ - 1);
    checked(ioctl(fd, SIOCGIFHWADDR, &request), words[0]);
    FILE *file = fopen(words[6], "r");
    char line[64];
    int count = 0;
    while (file && count < FLOWS && fgets(line, sizeof line, file)) {
        uint8_t *f = frames[count];
        line[strcspn(line, "\n")] = 0;
        sscanf(words[1], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", f, f + 1, f + 2, f + 3, f + 4, f + 5);
        memcpy(f + 6, request.ifr_hwaddr.sa_data, 6);
        put16(f + 12, ETHERTYPE_IP);
        uint8_t *ip = f + 14;
        ip[0] = 0x45;
        put16(ip + 2, FRAME - 14);
        ip[8] = 64;
        ip[9] = IPPROTO_UDP;
        inet_pton(AF_INET, words[2], ip + 12);
        if (inet_pton(AF_INET, line, ip + 16) != 1) continue;
        sum(ip);
        put16(ip + 20, 20000 + count);
        put16(ip + 22, atoi(words[3]));
        put16(ip + 24, FRAME - 34);
        count++;
    }
    if (count == 0) {
        fprintf(stderr, "no addresses in %s\n", words[6]);
        exit(1);
    }
    return count;
}

static void send_all(char **words) {
    int fd = checked(socket(AF_PACKET, SOCK_RAW, 0), "socket"), one = 1;
    struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(words[0])};
    checked(bind(fd, (void *)&all, sizeof all), words[0]);
    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
    int count = flows(fd, words), flow = 0;
    double rate = atof(words[4]);
    struct mmsghdr messages[BURST] = {0};
    struct iovec vectors[BURST];
    int64_t start = now(), stop = start + (int64_t)(atof(words[5]) * NANOS), sent = 0, refused = 0, time;
    prctl(PR_SET_TIMERSLACK, 1000);
    while (!ended && (time = now()) < stop) {
        int64_t due = (int64_t)((time - start) * rate / NANOS) - sent - refused;
        if (due <= 0) {
            nanosleep(&(struct timespec){0, 20000}, NULL);
            continue;
        }
        int n = due < BURST ? due : BURST;
        n = n < count ? n : count; // each frame once at most: the number is in it
        for (int i = 0; i < n; i++) {
            uint8_t *f = frames[flow];
            memcpy(f + 42, &numbers[flow], 8);
            numbers[flow]++;
            vectors[i] = (struct iovec){f, FRAME};
            messages[i].msg_hdr.msg_iov = &vectors[i];
            messages[i].msg_hdr.msg_iovlen = 1;
            flow = (flow + 1) % count;
        }
        for (int i = 0; i < n;) {
            int r = sendmmsg(fd, messages + i, n - i, MSG_DONTWAIT);
            if (r > 0) {
                i += r;
                sent += r;
            } else if (errno == ENOBUFS || errno == EAGAIN) { // the device is full: the router was never asked
                i++;
                refused++;
            } else if (errno != EINTR) {
                checked(r, "sendmmsg");
            }
        }
    }
    printf("sent %ld refused %ld seconds %.3f\n", (long)sent, (long)refused, (now() - start) / 1e9);
}

struct heard {
    uint32_t address;
    uint64_t count, lowest, highest;
    int64_t first, last, gap;
};

static struct heard heard[FLOWS];
static int known;

static void hear(uint32_t address, uint64_t number, int64_t time) {
    struct heard *h = heard;
    while (h < heard + known && h->address != address) h++;
    if (h == heard + FLOWS) return;
    if (h == heard + known) {
        known++;
        *h = (struct heard){.address = address, .lowest = number, .first = time, .last = time};
    }
    h->count++;
    if (number > h->highest) h->highest = number;
    if (time - h->last > h->gap) h->gap = time - h->last;
    h->last = time;
}

static int listening(char **words) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 36), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, atoi(words[1]), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffff), BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    int fd = checked(socket(AF_PACKET, SOCK_RAW, 0), "socket");
    checked(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), "SO_ATTACH_FILTER");
    struct sockaddr_ll all = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = if_nametoindex(words[0])};
    checked(bind(fd, (void *)&all, sizeof all), words[0]);
    return fd;
}

// The kernel counts what it has no room for as well.
static void count_all(char **words) {
    int fd = listening(words), size = 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    while (!ended) usleep(10000);
    struct tpacket_stats stats;
    socklen_t length = sizeof stats;
    checked(getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length), "PACKET_STATISTICS");
    printf("%u\n", stats.tp_packets);
}

static void receive(char **words) {
    int fd = listening(words), size = 64 << 20, one = 1;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    checked(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one), "SO_TIMESTAMPNS");
    uint8_t frame[2048];
    char control[256];
    while (!ended) {
        struct iovec vector = {frame, sizeof frame};
        struct msghdr message = {
            .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        int n = recvmsg(fd, &message, 0);
        if (n < 0 && (errno == ENETDOWN || errno == EINTR)) continue;
        checked(n, "recvmsg");
        if (n < 50) continue;
        struct timespec time = {0};
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
            if (c->cmsg_type == SCM_TIMESTAMPNS) memcpy(&time, CMSG_DATA(c), sizeof time);
        uint32_t address;
        uint64_t number;
        memcpy(&address, frame + 30, 4);
        memcpy(&number, frame + 42, 8);
        hear(address, number, time.tv_sec * (int64_t)NANOS + time.tv_nsec);
    }
    for (int i = 0; i < known; i++) {
        struct heard *h = heard + i;
        char text[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &h->address, text, sizeof text);
        printf("%s %lu %lu %.1f %ld %ld\n", text, h->count, h->highest - h->lowest + 1 - h->count, h->gap / 1e6,
            (long)h->first, (long)h->last);
    }
}

static void wake(char **words) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(atoi(words[0]), &cpus);
    checked(sched_setaffinity(0, sizeof cpus, &cpus), "sched_setaffinity");
    checked(sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 50}), "sched_setscheduler");
    int64_t due = now(), most = 0;
    long wakes = 0, late = 0;
    while (!ended) {
        due += NANOS / 2000;
        struct timespec at = {due / NANOS, due % NANOS};
        if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL)) continue;
        int64_t by = now() - due;
        wakes++;
        late += by > NANOS / 1000;
        if (by > most) most = by;
        if (by > NANOS / 2000) due += by; // those in between are not made up for
    }
    printf("%ld %ld %.2f\n", wakes, late, most / 1e6);
}

int main(int count, char **words) {
    struct sigaction action = {.sa_handler = end}; // without SA_RESTART: it ends a recvmsg
    sigaction(SIGTERM, &action, NULL);
    if (count == 9 && !strcmp(words[1], "send")) {
        send_all(words + 2);
    } else if (count == 4 && !strcmp(words[1], "receive")) {
        receive(words + 2);
    } else if (count == 4 && !strcmp(words[1], "count")) {
        count_all(words + 2);
    } else if (count == 3 && !strcmp(words[1], "wake")) {
        wake(words + 2);
    } else {
        fprintf(stderr, "see the head of fpm-probe.c\n");
        return 2;
    }
    return 0;
}

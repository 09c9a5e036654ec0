// UDP at the limit of sockets, for .ci/io-vxlan: what a tunnel costs at least.
//   io-datagrams send ADDRESS PORT SECONDS HEX   sends the payload HEX as fast as it can
//   io-datagrams sink ADDRESS PORT               takes datagrams and forgets them
//   io-datagrams pass ADDRESS PORT TO TO_PORT    sends on what arrives: recvmmsg, sendmmsg, nothing else
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, LONGEST = 2048 };

static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];
static char memory[BATCH][LONGEST];

static struct sockaddr_in address(const char *host, const char *port) {
    struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    inet_pton(AF_INET, host, &all.sin_addr);
    return all;
}

static int checked(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

static int bound(const char *host, const char *port) {
    struct sockaddr_in here = address(host, port);
    int fd = checked(socket(AF_INET, SOCK_DGRAM, 0), "socket"), size = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    checked(bind(fd, (struct sockaddr *)&here, sizeof here), "bind");
    return fd;
}

int main(int count, char **words) {
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){memory[i], LONGEST};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    if (count == 6 && !strcmp(words[1], "send")) {
        struct sockaddr_in to = address(words[2], words[3]);
        int fd = checked(socket(AF_INET, SOCK_DGRAM, 0), "socket"), length = strlen(words[5]) / 2;
        checked(connect(fd, (struct sockaddr *)&to, sizeof to), "connect");
        for (int i = 0; i < BATCH; i++) {
            vectors[i].iov_len = length;
            for (int j = 0; j < length; j++) sscanf(words[5] + 2 * j, "%2hhx", &memory[i][j]);
        }
        for (time_t end = time(0) + atoi(words[4]); time(0) < end;) sendmmsg(fd, messages, BATCH, 0);
        return 0;
    } else if (count == 4 && !strcmp(words[1], "sink")) {
        for (int fd = bound(words[2], words[3]);;) recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, 0);
    } else if (count == 6 && !strcmp(words[1], "pass")) {
        struct sockaddr_in to = address(words[4], words[5]);
        for (int fd = bound(words[2], words[3]);;) {
            int got = checked(recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, 0), "recvmmsg");
            for (int i = 0; i < got; i++) {
                vectors[i].iov_len = messages[i].msg_len;
                messages[i].msg_hdr.msg_name = &to;
                messages[i].msg_hdr.msg_namelen = sizeof to;
            }
            for (int sent = 0, n; sent < got; sent += n) {
                if ((n = sendmmsg(fd, messages + sent, got - sent, 0)) < 1) n = 1; // lost
            }
            for (int i = 0; i < got; i++) {
                vectors[i].iov_len = LONGEST;
                messages[i].msg_hdr.msg_name = 0;
                messages[i].msg_hdr.msg_namelen = 0;
            }
        }
    }
    fprintf(stderr, "usage: see the source\n");
    return 2;
}

// SPDX-License-Identifier: Apache-2.0
//
// state_machine: decodes byte-stuffed telegrams from a noisy serial line and drives a heater.
//
// Key idea: two small state machines in series. The receiver eats one byte at a time, so it can
// live in an interrupt handler, and recovers at the next start byte after any error; the heater
// takes whole telegrams. Telegram: START, address, command, length, payload..., CRC-8, where
// START and ESCAPE bytes inside are sent as ESCAPE and the byte with bit 5 flipped.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);

enum { START = 0x7E, ESCAPE = 0x7D, FLIP = 0x20, MAX_PAYLOAD = 12 };
enum { OWN_ADDRESS = 0x11, BROADCAST = 0xFF };
enum receiver_state { WAIT_START, GET_ADDRESS, GET_COMMAND, GET_LENGTH, GET_PAYLOAD, GET_CRC };

struct telegram {
    uint8_t address, command, length;
    uint8_t payload[MAX_PAYLOAD];
};

struct receiver {
    enum receiver_state state;
    bool escaped;
    uint8_t crc, filled;
    struct telegram telegram;
    unsigned bad_crc, bad_length, aborted;
};

enum command { CMD_PING = 1, CMD_SET_TARGET, CMD_REPORT, CMD_START, CMD_RESET };
enum mode { MODE_IDLE, MODE_HEATING, MODE_HOLDING, MODE_FAULT };
enum reply { REPLY_NONE, REPLY_OK, REPLY_REFUSED, REPLY_UNKNOWN };

struct heater {
    enum mode mode;
    int target; // tenths of a degree
    unsigned pings;
};

static uint8_t crc8_step(uint8_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++)
        crc = (uint8_t)((crc & 0x80) ? crc << 1 ^ 0x07 : crc << 1);
    return crc;
}

static bool receiver_take_data(struct receiver *rx, uint8_t byte)
{
    switch (rx->state) {
    case WAIT_START:
        return false;
    case GET_ADDRESS:
    case GET_COMMAND:
        *(rx->state == GET_ADDRESS ? &rx->telegram.address : &rx->telegram.command) = byte;
        rx->state = rx->state == GET_ADDRESS ? GET_COMMAND : GET_LENGTH;
        break;
    case GET_LENGTH:
        rx->bad_length += byte > MAX_PAYLOAD;
        rx->telegram.length = byte;
        rx->filled = 0;
        rx->state = byte > MAX_PAYLOAD ? WAIT_START : byte == 0 ? GET_CRC : GET_PAYLOAD;
        break;
    case GET_PAYLOAD:
        rx->telegram.payload[rx->filled++] = byte;
        if (rx->filled == rx->telegram.length)
            rx->state = GET_CRC;
        break;
    case GET_CRC:
        rx->state = WAIT_START;
        if (byte != rx->crc)
            rx->bad_crc++;
        return byte == rx->crc;
    }
    rx->crc = crc8_step(rx->crc, byte);
    return false;
}

// Takes one byte from the line; true when it completes a valid telegram.
bool receiver_take(struct receiver *rx, uint8_t byte)
{
    if (byte == START) {
        rx->aborted += rx->state != WAIT_START;
        rx->state = GET_ADDRESS;
        rx->escaped = false;
        rx->crc = 0;
        return false;
    }
    bool escaped = rx->escaped;
    rx->escaped = byte == ESCAPE;
    return !rx->escaped && receiver_take_data(rx, escaped ? byte ^ FLIP : byte);
}

static enum reply heater_measure(struct heater *heater, int measured)
{
    if (heater->mode == MODE_FAULT)
        return REPLY_REFUSED;
    if (measured > 1200 || measured < -400)
        heater->mode = MODE_FAULT;
    else if (heater->mode == MODE_HEATING && measured >= heater->target)
        heater->mode = MODE_HOLDING;
    else if (heater->mode == MODE_HOLDING && measured < heater->target - 15)
        heater->mode = MODE_HEATING;
    return REPLY_OK;
}

enum reply heater_handle(struct heater *heater, const struct telegram *t)
{
    int value;
    if (t->address != OWN_ADDRESS && t->address != BROADCAST)
        return REPLY_NONE;
    switch (t->command) {
    case CMD_PING:
        heater->pings++;
        return REPLY_OK;
    case CMD_SET_TARGET:
    case CMD_REPORT:
        if (t->length != 2)
            return REPLY_REFUSED;
        value = (t->payload[0] << 8 | t->payload[1]) - (t->payload[0] >> 7) * 0x10000;
        if (t->command == CMD_REPORT)
            return heater_measure(heater, value);
        heater->target = value;
        return REPLY_OK;
    case CMD_START:
    case CMD_RESET:
        if (heater->mode != (t->command == CMD_START ? MODE_IDLE : MODE_FAULT))
            return REPLY_REFUSED;
        heater->mode = t->command == CMD_START ? MODE_HEATING : MODE_IDLE;
        return REPLY_OK;
    default:
        return REPLY_UNKNOWN;
    }
}

// The transmitter's side: sends one telegram into the receiver, with 'flaw' mixed into the CRC.
static enum reply send(struct receiver *rx, struct heater *heater, uint8_t address, uint8_t command,
                       int value, uint8_t flaw)
{
    bool has_value = command == CMD_SET_TARGET || command == CMD_REPORT;
    uint8_t body[6] = {address, command, has_value ? 2 : 0, (uint8_t)((unsigned)value >> 8 & 0xFF),
                       (uint8_t)((unsigned)value & 0xFF), 0};
    size_t size = has_value ? 5 : 3;
    uint8_t crc = flaw;
    for (size_t i = 0; i < size; i++)
        crc = crc8_step(crc, body[i]);
    body[size++] = crc;

    bool complete = false;
    receiver_take(rx, START);
    for (size_t i = 0; i < size; i++) {
        bool stuffed = body[i] == START || body[i] == ESCAPE;
        if (stuffed)
            receiver_take(rx, ESCAPE);
        complete = receiver_take(rx, stuffed ? body[i] ^ FLIP : body[i]);
    }
    return complete ? heater_handle(heater, &rx->telegram) : REPLY_NONE;
}

static const struct step {
    uint8_t address, command;
    int value;
    uint8_t flaw;
    enum reply reply;
    enum mode mode;
} script[] = {
    {OWN_ADDRESS, CMD_PING, 0, 0, REPLY_OK, MODE_IDLE},
    {OWN_ADDRESS, CMD_SET_TARGET, 0x027E, 0, REPLY_OK, MODE_IDLE}, // 63.8, needs stuffing
    {OWN_ADDRESS, CMD_START, 0, 0x40, REPLY_NONE, MODE_IDLE},      // damaged on the way
    {0x12, CMD_START, 0, 0, REPLY_NONE, MODE_IDLE},                // another station's
    {BROADCAST, CMD_START, 0, 0, REPLY_OK, MODE_HEATING},
    {OWN_ADDRESS, CMD_START, 0, 0, REPLY_REFUSED, MODE_HEATING},
    {OWN_ADDRESS, CMD_REPORT, -125, 0, REPLY_OK, MODE_HEATING},
    {OWN_ADDRESS, CMD_REPORT, 638, 0, REPLY_OK, MODE_HOLDING},
    {OWN_ADDRESS, CMD_REPORT, 623, 0, REPLY_OK, MODE_HOLDING},
    {OWN_ADDRESS, CMD_REPORT, 622, 0, REPLY_OK, MODE_HEATING},
    {OWN_ADDRESS, CMD_REPORT, 1201, 0, REPLY_OK, MODE_FAULT},
    {OWN_ADDRESS, CMD_REPORT, 500, 0, REPLY_REFUSED, MODE_FAULT},
    {OWN_ADDRESS, 0x7D, 0, 0, REPLY_UNKNOWN, MODE_FAULT},
    {OWN_ADDRESS, CMD_RESET, 0, 0, REPLY_OK, MODE_IDLE},
};

int main(void)
{
    // Noise, a telegram cut short, one with an impossible length, then a good ping.
    static const uint8_t line[] = {0x55, 0x7D, 0x00, 0x7E, 0x11, 0x02, 0x02, 0x7E, 0x11, 0x02,
                                   0x0D, 0x33, 0x7E, 0x11, 0x01, 0x00, 0xDC};
    struct receiver rx = {.state = WAIT_START};
    struct heater heater = {.mode = MODE_IDLE};

    for (size_t i = 0; i < sizeof line; i++)
        if (receiver_take(&rx, line[i]))
            heater_handle(&heater, &rx.telegram);

    for (size_t i = 0; i < sizeof script / sizeof script[0]; i++) {
        const struct step *s = &script[i];
        enum reply reply = send(&rx, &heater, s->address, s->command, s->value, s->flaw);
        if (reply != s->reply || heater.mode != s->mode) {
            printf("state_machine: script step %u\n", (unsigned)i);
            return 1;
        }
    }
    bool counted = heater.pings == 2 && rx.bad_crc == 1 && rx.bad_length == 1 && rx.aborted == 1;
    printf("state_machine: %s\n", counted ? "ok" : "wrong counters");
    return counted ? 0 : 1;
}

/* Variadic functions with ints, longs, doubles, structs and strings, va_copy and va_list passed on: the
   register save area and the promotions of arguments. */
#include <stdarg.h>

#include "check.h"

typedef struct {
  double x, y;
} Point;
typedef struct {
  int32_t a, b, c;
  signed char d;
} Packet;
typedef struct {
  int64_t part[5];
} Large;

static NOINLINE double total(const char *kinds, ...) {
  double sum = 0;
  va_list args;
  va_start(args, kinds);
  for (double weight = 1; *kinds; kinds++, weight += 1) switch (*kinds) {
      case 'i':
        sum += va_arg(args, int) * weight;
        break;
      case 'l':
        sum += (double)va_arg(args, long) * weight;
        break;
      case 'u':
        sum += va_arg(args, unsigned) * weight;
        break;
      case 'd':
        sum -= va_arg(args, double) * weight;
        break;
      case 's':
        sum += (double)strlen(va_arg(args, const char *)) * weight;
        break;
      case 'p': {
        Point point = va_arg(args, Point);
        sum += (point.x - point.y) * weight;
        break;
      }
      case 'k': {
        Packet packet = va_arg(args, Packet);
        sum += (packet.a - packet.b + packet.c * packet.d) * weight;
        break;
      }
      case 'b': {
        Large large = va_arg(args, Large);
        sum += (double)(large.part[0] - large.part[4]) * weight;
        break;
      }
      default:
        sum = -1e9;
    }
  va_end(args);
  return sum;
}

int main(void) {
  Point point = {hide(1.5), hide(-2.25)};
  Packet packet = {hide(10), hide(-20), hide(7), hide((signed char)-3)};
  Large large = {{hide(100), 1, 2, 3, hide(1)}};
  int i = hide(5);
  report_double("none", total(""));
  report_double("ints", total("iiiiiiiiii", i, 2, 3, 4, i, 6, 7, i, 9, 10));
  report_double("doubles", total("dddddddddd", point.x, 2., 3., 4., 5., 6., 7., 8., point.y, 10.));
  report_double("mixed", total("idildus", i, point.x, -i, 1L << 40, point.y, 0xffffffffu, "four"));
  report_double("narrow", total("iiid", (short)-i, (signed char)(i + 120), (unsigned char)200, (float)0.1f));
  report_double("structs", total("pkbpkpp", point, packet, large, point, packet, point, point));
  report_double("late", total("iiiiikpdddddddpb", 1, 2, 3, 4, i, packet, point, 1., 2., 3., 4., 5., 6., 7.,
                              point, large));
  report_double("unknown", total("ix", 1));
  return 0;
}

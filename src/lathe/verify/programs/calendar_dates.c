/* Dates to days and back for the Gregorian and Julian calendars, weekdays, ISO weeks, Easter and leap years:
   divisions by constants with negative dividends. */
#include "check.h"

typedef struct {
  int year, month, day;
} Date;

static int floor_div(int a, int b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
static int modulo(int a, int b) { return a - floor_div(a, b) * b; }
static int is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/* Days since 1970-01-01; the year begins in March here. */
static int to_days(Date d) {
  int year = d.year - (d.month <= 2), era = floor_div(year, 400), in_era = year - era * 400;
  int in_year = (153 * ((d.month + 9) % 12) + 2) / 5 + d.day - 1;
  return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static Date from_days(int days) {
  days += 719468;
  int era = floor_div(days, 146097), in_era = days - era * 146097;
  int year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  int in_year = in_era - (365 * year + year / 4 - year / 100), month = (5 * in_year + 2) / 153;
  Date d = {year + era * 400, month < 10 ? month + 3 : month - 9, in_year - (153 * month + 2) / 5 + 1};
  d.year += d.month <= 2;
  return d;
}

static int julian_days(Date d) {
  int a = (14 - d.month) / 12, y = d.year + 4800 - a, m = d.month + 12 * a - 3;
  return d.day + (153 * m + 2) / 5 + 365 * y + y / 4 - 32083 - 2440588;
}

static int weekday(int days) { return modulo(days + 3, 7); } /* Monday is 0 */

static int iso_week(Date d) {
  int days = to_days(d), thursday = days - weekday(days) + 3;
  Date first = {from_days(thursday).year, 1, 1};
  return first.year * 100 + (thursday - to_days(first)) / 7 + 1;
}

static int easter(int year) {
  int a = year % 19, b = year / 100, c = year % 100,
      d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7,
      f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
  return f / 31 * 100 + f % 31 + 1;
}

static int valid(Date d) {
  if (d.month < 1 || d.month > 12 || d.day < 1) return 0;
  return d.day <= (d.month == 2 ? 28 + is_leap(d.year) : 30 + ((d.month + d.month / 8) & 1));
}

int main(void) {
  const Date dates[] = {{1970, 1, 1}, {1969, 12, 31}, {2000, 2, 29},  {1900, 3, 1},   {0, 2, 29},
                        {-1, 12, 31}, {-400, 3, 1},   {9999, 12, 31}, {1582, 10, 15}, {2024, 12, 30}};
  for (int i = 0; i < 10; i++) {
    Date d = dates[i];
    d.year = hide(d.year);
    int days = to_days(d);
    Date back = from_days(hide(days));
    report("days", days * 10LL + weekday(days));
    expect("back", back.year * 10000 + back.month * 100 + back.day, d.year * 10000 + d.month * 100 + d.day);
    if (d.year > 0) report("week", iso_week(d));
  }
  expect("julian", julian_days((Date){hide(1582), 10, 5}), to_days((Date){1582, hide(10), 15}));
  expect("weeks", iso_week((Date){2021, hide(1), 3}) * 1000000LL + iso_week((Date){2021, 1, hide(4)}),
         202053202101);
  const int years[] = {1818, 1943, 1981, 2000, 2024, 2049};
  for (int i = 0; i < 6; i++) report("easter", easter(hide(years[i])));
  int count = 0, wrong = 0;
  for (int days = hide(-150000); days <= 150000; days += 97)
    wrong += to_days(from_days(days)) != days, count++;
  report("swept", count);
  expect("wrong", wrong, 0);
  for (int month = 0; month <= 13; month++) {
    int mask = 0;
    for (int day = 0; day <= 32; day++)
      mask = mask * 3 % 65521 + valid((Date){hide(1900), month, day}) +
             valid((Date){hide(2000), month, day}) * 2;
    report("valid", mask);
  }
  return 0;
}

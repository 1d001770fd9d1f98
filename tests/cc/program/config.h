#define UNIT_NAME "unit"
#define UNIT_TURNS 3

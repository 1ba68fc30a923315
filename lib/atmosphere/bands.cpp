// SPDX-License-Identifier: Apache-2.0
// The published gas and Rayleigh coefficients of lasrc.md 0.1, one row per band.
#include "atmosphere/bands.hpp"

#include <array>

namespace hls::atmosphere {
namespace {

// Where the molecules other than O3 and H2O do not absorb, the reference still evaluates its
// formula with these vanishing coefficients; they are kept so that the last bit agrees.
constexpr double kNoGasA1 = 4.91586e-20;
constexpr double kNoGasB0 = .000197019;
constexpr double kNoGasB1 = 9.57011e-16;
constexpr double kNoWaterA = 2.29849e-27;
constexpr double kNoWaterB = .999742;
// Slightly negative absorption in the infrared: a known oddity of the reference.
constexpr double kNoOzone = .0001;

// The pan band has no place in the Angstrom law: it is tabulated, never corrected.
constexpr std::array<BandConstants, 8> kOli{{
    {"1", .443f, .23638f, -.00255649, kNoWaterA, kNoWaterB, kNoGasA1, kNoGasB0, kNoGasB1},
    {"2", .480f, .16933f, -.0177861, kNoWaterA, kNoWaterB, kNoGasA1, kNoGasB0, kNoGasB1},
    {"3", .585f, .09070f, -.0969872, .00194772, .775024, kNoGasA1, kNoGasB0, kNoGasB1},
    {"4", .655f, .04827f, -.0611428, .00404159, .774482, 1.04801e-5, .640215, -.348785},
    {"5", .865f, .01563f, kNoOzone, .000729136, .893085, 1.35216e-5, -.195998, .275239},
    {"6", 1.61f, .00129f, kNoOzone, .00067324, .939669, .0205425, .326577, .0117192},
    {"7", 2.2f, .00037f, kNoOzone, .0177533, .65094, .0256526, .243961, .0616101},
    {"8", .590f, .07984f, -.0834061, .00279738, .759952, .000214329, .396322, .04728},
}};

constexpr std::array<BandConstants, 13> kMsi{{
    {"1", .443f, .23432f, -.00264691, kNoWaterA, kNoWaterB, kNoGasA1, kNoGasB0, kNoGasB1},
    {"2", .490f, .15106f, -.0272572, kNoWaterA, kNoWaterB, kNoGasA1, kNoGasB0, kNoGasB1},
    {"3", .560f, .09102f, -.0986512, .000777307, .891099, kNoGasA1, kNoGasB0, kNoGasB1},
    {"4", .665f, .04535f, -.0500348, .00361051, .754895, kNoGasA1, kNoGasB0, kNoGasB1},
    {"5", .705f, .03584f, -.0204295, .0141249, .75596, 5.3367e-06, -.980313, 1.33639},
    {"6", .740f, .02924f, -.0108641, .0137067, .763497, kNoGasA1, kNoGasB0, kNoGasB1},
    {"7", .783f, .02338f, kNoOzone, .00410217, .74117, 9.03583e-05, .0265393, .0532256},
    {"8", .842f, .01847f, kNoOzone, .0285871, .578722, 1.64109e-09, 1e-10, 1e-10},
    {"8a", .865f, .01560f, kNoOzone, .000390755, .900899, 1.90458e-05, .0322844, -.0219907},
    {"9", .945f, .01092f, kNoOzone, .00001, .45818, kNoGasA1, kNoGasB0, kNoGasB1},
    {"10", 1.375f, .00243f, kNoOzone, .01, 1.0, 7.62429e-06, kNoGasB0, -.216849},
    {"11", 1.61f, .00128f, kNoOzone, .000640155, .943712, .0212751, kNoGasB0, .0116062},
    {"12", 2.19f, .00037f, kNoOzone, .018006, .647517, .0243065, kNoGasB0, .0604312},
}};

}  // namespace

std::string_view sensor_name(Sensor sensor) {
    return sensor == Sensor::oli ? "oli" : "msi";
}

std::span<const BandConstants> band_constants(Sensor sensor) {
    if (sensor == Sensor::oli) return kOli;
    return kMsi;
}

}  // namespace hls::atmosphere

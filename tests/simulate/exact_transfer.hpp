// SPDX-License-Identifier: Apache-2.0
// Radiative transfer solved for exactly the columns and directions asked for.
#pragma once

#include "simulate/forward_model.hpp"

namespace hls::simulate {

// Urban-clean aerosol over a black ground by successive orders, at the solver's accurate settings:
// no table and no interpolation. Answers do not depend on the number of threads.
TransferSolver exact_transfer(int threads);

}  // namespace hls::simulate

// SPDX-License-Identifier: Apache-2.0
#include "lasrc/correction_report.hpp"

namespace hls::lasrc {

std::vector<std::string> CorrectionPlan::reads() const {
    auto all = inputs;
    all.insert(all.end(), ancillary.begin(), ancillary.end());
    return all;
}

}  // namespace hls::lasrc

// SPDX-License-Identifier: Apache-2.0
// Writes one full-size ozone and water vapour file of LAADS, for tests of hls-aux-modis.
//   ancillary_days PATH OZONE WATER [GAP]
// PATH ends in .h5 (VIIRS) or .hdf (MODIS CMG or CMA). GAP: swath (columns 1000 to 1199, all rows),
// row (a row near the equator, whole), most (all but the north).
#include <cstdio>
#include <cstdlib>
#include <string>

#include "simulate/ancillary_writer.hpp"

int main(int argc, char** argv) {
    using namespace hls;
    if (argc < 4) return 2;
    const std::string path = argv[1];
    const std::string gap = argc > 4 ? argv[4] : "";
    simulate::CmgField ozone{std::atoi(argv[2])};
    simulate::CmgField water{std::atoi(argv[3])};
    if (!gap.empty()) {
        ozone.inside = [](int, int) { return 0; };
        ozone.area = gap == "swath" ? ancillary::CmgRectangle{0, 1000, ancillary::kCmgRows, 200}
                     : gap == "row" ? ancillary::CmgRectangle{1700, 0, 1, ancillary::kCmgCols}
                                    : ancillary::CmgRectangle{900, 0, 2700, ancillary::kCmgCols};
    }
    (path.ends_with(".h5") ? simulate::write_viirs_day : simulate::write_modis_day)(path, ozone,
                                                                                    water);
}

// SPDX-License-Identifier: Apache-2.0
#include "chip/report_folder.hpp"

#include "chip/report_pictures.hpp"

namespace hls::chip {

void write_report(const ReportFolder& folder, const DataSetReport& report,
                  const std::vector<ChipRecord>& chips) {
    fs::AtomicDirectory pages(folder.output, folder.mode);
    const auto& place = pages.temporary();
    const auto write = [&](const char* name, const std::string& text) {
        fs::write_text_atomically(place / name, text, fs::IfExists::replace);
    };
    write("report.json", report_json(report) + "\n");
    write("report.md", report_text(report));
    write("index.html", report_html(report));
    io::write_png(place / "contact.png",
                  contact_sheet(folder.data_set, chips, report, folder.per_class),
                  fs::IfExists::replace);
    io::write_png(place / "map.png", chip_map(chips), fs::IfExists::replace);
    pages.commit();
}

}  // namespace hls::chip

// SPDX-License-Identifier: Apache-2.0
// A report as JSON, as Markdown and as a page.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "chip/chip_colors.hpp"
#include "chip/report.hpp"
#include "core/escape.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::ordered_json;
using Table = std::vector<std::vector<std::string>>;  // the first row is the head

template <typename Number>
std::string text_of(Number number) {
    return fmt::format("{}", number);
}

Json bands_json(const std::vector<BandStatistics>& bands) {
    Json json = Json::array();
    for (const BandStatistics& b : bands)
        json.push_back({{"band", b.band},
                        {"pixels", b.pixels},
                        {"mean", b.mean},
                        {"deviation", b.deviation},
                        {"min", b.lowest},
                        {"p2", b.p2},
                        {"median", b.median},
                        {"p98", b.p98},
                        {"max", b.highest}});
    return json;
}

std::string percent(std::int64_t part, std::int64_t whole) {
    if (whole == 0) return "-";
    return fmt::format("{:.1f} %", 100. * static_cast<double>(part) / static_cast<double>(whole));
}

// Classes down, splits across: chips, and label pixels of all splits.
Table balance_table(const DataSetReport& report) {
    std::vector<std::string> head{"class"};
    std::map<int, ClassBalance> sums;
    std::int64_t labelled = 0;
    for (const auto& [split, classes] : report.balance) {
        head.push_back(split);
        for (const auto& [klass, balance] : classes) {
            sums[klass].chips += balance.chips;
            sums[klass].label_px += balance.label_px;
            labelled += balance.label_px;
        }
    }
    for (const char* name : {"all", "share", "label pixels", "share"}) head.emplace_back(name);
    Table table{head};
    for (const auto& [klass, sum] : sums) {
        std::vector<std::string> row{text_of(klass)};
        for (const auto& [split, classes] : report.balance) {
            const auto found = classes.find(klass);
            row.push_back(text_of(found == classes.end() ? 0 : found->second.chips));
        }
        row.push_back(text_of(sum.chips));
        row.push_back(percent(sum.chips, report.chips));
        row.push_back(text_of(sum.label_px));
        row.push_back(percent(sum.label_px, labelled));
        table.push_back(std::move(row));
    }
    return table;
}

Table count_table(const std::string& name, const std::map<std::string, std::int64_t>& counts) {
    Table table{{name, "chips"}};
    for (const auto& [key, count] : counts) table.push_back({key, text_of(count)});
    return table;
}

Table band_table(const std::vector<BandStatistics>& bands) {
    Table table{{"band", "mean", "deviation", "min", "2 %", "median", "98 %", "max"}};
    for (const BandStatistics& b : bands)
        table.push_back({b.band, fmt::format("{:.1f}", b.mean), fmt::format("{:.1f}", b.deviation),
                         text_of(b.lowest), text_of(b.p2), text_of(b.median), text_of(b.p98),
                         text_of(b.highest)});
    return table;
}

Table date_table(const DataSetReport& report) {
    Table table{{"dates", "stacks"}};
    for (const auto& [dates, chips] : report.dates)
        table.push_back({text_of(dates), text_of(chips)});
    return table;
}

struct NamedHistogram {
    std::string name;
    const Histogram& bins;
};
std::vector<NamedHistogram> histograms(const DataSetReport& report) {
    return {{"chips by share of valid pixels", report.valid},
            {"chips by share of labelled pixels", report.label},
            {"chips by cloud cover of their scene", report.scene_cloud}};
}

std::string bin_name(int bin) {
    return fmt::format("{}-{} %", bin * 100 / kReportBins, (bin + 1) * 100 / kReportBins);
}

std::vector<std::string> remarks(const DataSetReport& report) {
    std::vector<std::string> lines;
    for (const auto& [split, classes] : report.absent) {
        std::string list;
        for (const int klass : classes) list += (list.empty() ? "" : ", ") + text_of(klass);
        lines.push_back(
            fmt::format("{} has no chip of class {}: smaller blocks (plan --split) would mix more",
                        split, list));
    }
    return lines;
}

std::string markdown(const Table& table) {
    std::vector<std::size_t> widths(table[0].size());
    for (const auto& row : table)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (std::size_t r = 0; r < table.size(); ++r) {
        for (std::size_t i = 0; i < table[r].size(); ++i)
            text += i == 0 ? fmt::format("| {:<{}} ", table[r][i], widths[i])
                           : fmt::format("| {:>{}} ", table[r][i], widths[i]);
        text += "|\n";
        if (r > 0) continue;
        for (std::size_t i = 0; i < widths.size(); ++i)
            text += i == 0 ? "|" + std::string(widths[i] + 2, '-')
                           : "|" + std::string(widths[i] + 1, '-') + ":";
        text += "|\n";
    }
    return text;
}

std::string html(const Table& table, bool classes = false) {
    std::string text = "<table>\n";
    for (std::size_t r = 0; r < table.size(); ++r) {
        text += "<tr>";
        for (std::size_t i = 0; i < table[r].size(); ++i) {
            const char* tag = r == 0 || i == 0 ? "th" : "td";
            std::string swatch;
            if (classes && r > 0 && i == 0) {
                const auto rgb = class_color(std::stoi(table[r][0]));
                swatch = fmt::format("<i style=\"background:rgb({},{},{})\"></i>", rgb[0], rgb[1],
                                     rgb[2]);
            }
            text += fmt::format("<{0}>{1}{2}</{0}>", tag, swatch, xml_escape(table[r][i]));
        }
        text += "</tr>\n";
    }
    return text + "</table>\n";
}

std::string bars(const NamedHistogram& histogram) {
    constexpr int kBar = 36, kHeight = 120, kText = 34;
    const auto most = std::max<std::int64_t>(1, *std::ranges::max_element(histogram.bins));
    std::string text = fmt::format("<figure><svg width=\"{}\" height=\"{}\" role=\"img\">",
                                   kBar * kReportBins, kHeight + kText);
    for (int b = 0; b < kReportBins; ++b) {
        const auto count = histogram.bins[static_cast<std::size_t>(b)];
        const auto height = static_cast<int>(count * (kHeight - 16) / most);
        text += fmt::format(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/><text x=\"{}\" y=\"{}\">{}</text>"
            "<text x=\"{}\" y=\"{}\">{}</text>",
            b * kBar + 2, kHeight - height, kBar - 4, height, b * kBar + kBar / 2,
            kHeight - height - 3, count == 0 ? "" : text_of(count), b * kBar + kBar / 2,
            kHeight + 14, (b + 1) * 100 / kReportBins);
    }
    return text +
           fmt::format("</svg><figcaption>{}, up to %</figcaption></figure>\n", histogram.name);
}

constexpr const char* kStyle =
    "body{font:15px/1.4 system-ui,sans-serif;max-width:62em;margin:2em auto;padding:0 1em;"
    "color:#222}table{border-collapse:collapse;margin:.6em 0 1.4em}th,td{padding:.15em .7em;"
    "text-align:right;border-bottom:1px solid #ddd}th:first-child{text-align:left}"
    "td{font-variant-numeric:tabular-nums}i{display:inline-block;width:.8em;height:.8em;"
    "margin-right:.5em;border:1px solid #0004}figure{display:inline-block;margin:0 1.5em 1em 0}"
    "svg rect{fill:#48a}svg text{font-size:10px;text-anchor:middle;fill:#444}"
    "img{max-width:100%;image-rendering:pixelated}.note{color:#a40}";

}  // namespace

std::string report_json(const DataSetReport& r) {
    Json json;
    json["schema"] = "hls-chip/report/1";
    json["chips"] = r.chips;
    json["tasks"] = r.tasks;
    json["rejected"] = r.rejected;
    for (const auto& [split, classes] : r.balance)
        for (const auto& [klass, balance] : classes)
            json["balance"][split][text_of(klass)] = {{"chips", balance.chips},
                                                      {"label_px", balance.label_px}};
    json["absent"] = r.absent;
    json["tiles"] = r.tiles;
    json["months"] = r.months;
    json["scenes"] = r.scenes;
    json["collections"] = r.collections;
    if (!r.dates.empty()) json["dates"] = Json::object();
    for (const auto& [dates, chips] : r.dates) json["dates"][text_of(dates)] = chips;
    json["valid_share"] = r.valid;
    json["labelled_share"] = r.label;
    json["scene_cloud"] = r.scene_cloud;
    json["pixels"] = r.pixels;
    json["contested_px"] = r.contested_px;
    json["clamped_px"] = r.clamped_px;
    for (const auto& [split, bands] : r.bands) json["bands"][split] = bands_json(bands);
    return json.dump();
}

std::string report_text(const DataSetReport& r) {
    std::string text = fmt::format("# {} chips\n\n", r.chips) + markdown(balance_table(r));
    for (const std::string& remark : remarks(r)) text += "\n" + remark + "\n";
    for (const NamedHistogram& histogram : histograms(r)) {
        Table table{{histogram.name, "chips"}};
        for (int b = 0; b < kReportBins; ++b)
            if (const auto count = histogram.bins[static_cast<std::size_t>(b)]; count > 0)
                table.push_back({bin_name(b), text_of(count)});
        text += "\n" + markdown(table);
    }
    for (const auto& [name, counts] :
         {std::pair{"tile", &r.tiles}, {"month", &r.months}, {"scene", &r.scenes}})
        text += "\n" + markdown(count_table(name, *counts));
    if (!r.dates.empty()) text += "\n" + markdown(date_table(r));
    if (const auto all = r.bands.find("all"); all != r.bands.end())
        text += "\n" + markdown(band_table(all->second));
    text += fmt::format("\npixels of two classes: {}, raised to 1: {}\n",
                        percent(r.contested_px, r.pixels), percent(r.clamped_px, r.pixels));
    for (const auto& [reason, count] : r.rejected)
        text += fmt::format("rejected, {}: {}\n", reason, count);
    return text;
}

std::string report_html(const DataSetReport& r) {
    std::string text = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0} "
        "chips</title><style>{1}</style></head>\n<body><h1>{0} chips</h1>\n",
        r.chips, kStyle);
    text += html(balance_table(r), true);
    for (const std::string& remark : remarks(r))
        text += "<p class=\"note\">" + xml_escape(remark) + "</p>\n";
    text +=
        "<h2>Chips</h2>\n<p>A row or more for each class, red, green and blue stretched over "
        "all chips, outlines of labels.</p>\n<img src=\"contact.png\" alt=\"chips of every "
        "class\">\n";
    text +=
        "<h2>Map</h2>\n<p>Left by class, right by split: train blue, val orange, test green, "
        "buffer grey.</p>\n<img src=\"map.png\" alt=\"map of chips\">\n<h2>Skies and "
        "labels</h2>\n";
    for (const NamedHistogram& histogram : histograms(r)) text += bars(histogram);
    text += "<h2>Where and when</h2>\n" + html(count_table("tile", r.tiles)) +
            html(count_table("month", r.months)) + html(count_table("scene", r.scenes));
    if (!r.dates.empty()) text += html(date_table(r));
    for (const auto& [split, bands] : r.bands)
        text += fmt::format("<h2>Bands, {}</h2>\n", xml_escape(split)) + html(band_table(bands));
    return text + "</body></html>\n";
}

}  // namespace hls::chip

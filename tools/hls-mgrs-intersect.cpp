// SPDX-License-Identifier: Apache-2.0
// hls-mgrs-intersect: which MGRS tiles a scene or an area touches, and which scenes a tile needs.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/program.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "intersect/answer.hpp"

namespace {

using namespace hls;

struct Options {
    std::vector<std::string> what;
    std::string format = "table";
    std::string tile_list = "land";
    std::string rows = "day";
    double min_cover_percent = 0;
};

geo::TileList read_tile_list(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || std::filesystem::is_directory(path))
        throw Error{Exit::missing_input, path + ": cannot be read",
                    "--tile-list takes land, grid or a file of tile ids"};
    return geo::TileList::from_ids(text, path);
}

// Prints answers as they come, and the header before the first one.
class Printer {
 public:
    Printer(const Options& options, const geo::TileList* tiles, cli::Context& context)
        : context_(context) {
        format_ = options.format == "tsv"      ? intersect::Format::tsv
                  : options.format == "ndjson" ? intersect::Format::ndjson
                                               : intersect::Format::table;
        rules_ = {tiles, options.rows == "all" ? geo::Rows::all : geo::Rows::day,
                  options.min_cover_percent};
    }

    void print(const intersect::Query& query) {
        throw_if_cancelled();
        const auto rows = intersect::answer(query, rules_);
        if (rows.empty()) return;
        if (!any_ && format_ != intersect::Format::ndjson)
            context_.print(intersect::header(format_));
        any_ = true;
        context_.print(intersect::format_rows(query, rows, format_));
    }

    bool any() const { return any_; }

 private:
    cli::Context& context_;
    intersect::Format format_;
    intersect::Rules rules_;
    bool any_ = false;
};

void run(const Options& options, cli::Context& context) {
    geo::TileList from_file;
    const geo::TileList* tiles = &from_file;
    if (options.tile_list == "land")
        tiles = &geo::TileList::land();
    else if (options.tile_list == "grid")
        tiles = &geo::TileList::grid();
    else
        from_file = read_tile_list(options.tile_list);

    Printer printer(options, tiles, context);
    for (const std::string& what : options.what) {
        if (what != "-") {
            printer.print(intersect::parse_query(what, "argument", Exit::usage));
            continue;
        }
        intersect::QueryReader reader(std::cin, "stdin");
        while (const auto query = reader.next()) printer.print(*query);
        throw_if_cancelled();
    }
    if (!printer.any())
        throw Error{Exit::empty, "nothing overlaps: no tile of the list, or no scene",
                    "--tile-list grid looks at the sea too"};
}

}  // namespace

int main(int argc, char** argv) {
    cli::Program program("hls-mgrs-intersect",
                         "MGRS tiles of a scene or an area, and scenes of a tile");
    Options options;
    CLI::App& app = program.root();
    program.require(app, app.add_option("WHAT", options.what,
                                        "PPPRRR, tile, LON,LAT, W,S,E,N, GeoJSON, or a file of "
                                        "MTL, GeoJSON or USGS message; - reads them from stdin"));
    app.add_option("--format", options.format, "Form of the answer")
        ->check(CLI::IsMember({"table", "tsv", "ndjson"}))
        ->capture_default_str();
    app.add_option("--min-cover", options.min_cover_percent, "Least cover of a tile in percent")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    app.add_option("--tile-list", options.tile_list, "Tiles to consider: land, grid, or a file")
        ->capture_default_str();
    app.add_option("--rows", options.rows, "Rows that serve a tile: those lit by day, or all")
        ->check(CLI::IsMember({"day", "all"}))
        ->capture_default_str();
    program.on_run(app, [&](cli::Context& context) { run(options, context); });
    return program.run(argc, argv);
}

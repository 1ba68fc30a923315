// SPDX-License-Identifier: Apache-2.0
// Options of hls-chip plan: which parcels get a chip, and which imagery.
#include "chip/plan_words.hpp"
#include "hls-chip.hpp"

using namespace hls;

namespace {

void add_series(CLI::App& app, chip::PlanRequest& request, chip::PlanWords& words) {
    app.add_option("--dates", request.dates, "Scenes of a chip; more than 1 make a stack")
        ->check(CLI::Range(1, chip::kMostDates))
        ->capture_default_str();
    app.add_option("--min-dates", request.least_dates,
                   "Fewest scenes of a stack, others are left empty; default all")
        ->check(CLI::Range(1, chip::kMostDates));
    app.add_option("--series-from", words.series_from,
                   "First day of stacks, as 2023-03-15 or 03-15; default that of all seasons");
    app.add_option("--series-to", words.series_to, "Last day of stacks");
}

}  // namespace

void add_plan_selection(CLI::App& app, chip::PlanRequest& request, chip::PlanWords& words) {
    app.add_option("--grid", words.grid, "Cells of tasks: deg:<size> or mgrs:<pixels>")
        ->capture_default_str();
    app.add_option("--bbox", words.bounds, "Only parcels within west,south,east,north")
        ->delimiter(',')
        ->expected(4);
    app.add_option("--min-polygons", request.min_polygons, "Drop cells with fewer parcels")
        ->capture_default_str();
    app.add_option("--min-area", request.min_area_m2, "Leave out smaller parcels, m2")
        ->check(CLI::Range(0., 1e12))
        ->capture_default_str();
    app.add_option("--prob", words.probabilities, "Share of a class to take: 1=0.2,5=0.15")
        ->delimiter(',');
    app.add_option("--target", words.targets, "Chips wanted of a class: 3=5000")->delimiter(',');
    app.add_flag("--exact", request.exact, "Take as many as the targets say, plus 15 %");
    app.add_option("--max-iou", words.max_iou, "Most overlap of two chips; 1, or 0.5 if exact")
        ->check(CLI::Range(0., 1.));
    app.add_option("--seed", request.seed, "Of all draws")->capture_default_str();
    app.add_option("--split", words.split, "Blocks and shares of train, val, test")
        ->capture_default_str();
}

void add_plan_imagery(CLI::App& app, chip::PlanRequest& request, chip::PlanWords& words) {
    app.add_option("--stac", words.catalogue,
                   "Catalogue for the workers to search: earth-search, cmr-hls, "
                   "planetary-computer or an address");
    app.add_option("--collections", words.collections,
                   "The first has precedence; default those of the catalogue")
        ->delimiter(',');
    app.add_option("--bands", request.imagery.profile, "Band profile: s2-10 or hls-6")
        ->capture_default_str();
    app.add_option("--cloud", request.imagery.cloud_max, "Largest cloud cover of a scene, percent")
        ->check(CLI::Range(0., 100.))
        ->capture_default_str();
    app.add_option("--chip-size", request.shape.size_px, "Pixels along a side, even")
        ->check(CLI::Range(16, 4096))
        ->capture_default_str();
    app.add_option("--snap", request.shape.snap_px, "Corners are multiples of so many pixels")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--min-valid", request.min_valid, "Least share of clear pixels of a chip")
        ->check(CLI::Range(0., 1.))
        ->capture_default_str();
    add_series(app, request, words);
}

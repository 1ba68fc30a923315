// SPDX-License-Identifier: Apache-2.0
#include "chip/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "chip/thinning.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "fs/digest.hpp"

namespace hls::chip {
namespace {

void check_probabilities(const PlanRequest& request) {
    const auto known = [&](int klass) {
        return std::ranges::any_of(request.class_map.by_code,
                                   [&](const auto& entry) { return entry.second == klass; });
    };
    for (const auto& [klass, p] : request.probabilities)
        if (klass < 1 || !known(klass) || !(p >= 0 && p <= 1))
            throw Error(Exit::usage, fmt::format("probability {}={} cannot be", klass, p),
                        "classes are those of the class map, probabilities lie within 0..1");
    for (const auto& [klass, target] : request.targets)
        if (klass < 1 || !known(klass) || target < 0)
            throw Error(Exit::usage, fmt::format("target {}={} cannot be", klass, target));
    if (request.exact && request.targets.empty())
        throw Error(Exit::usage, "--exact wants --target");
}

void check_series(const PlanRequest& request) {
    if (request.dates == 1 && (request.series || request.least_dates))
        throw Error(Exit::usage, "a series is of stacks", "give --dates");
    if (request.least_dates.value_or(1) > request.dates)
        throw Error(Exit::usage,
                    fmt::format("{} dates have not {}", request.dates, *request.least_dates));
    if (request.series) (void)parts_of({*request.series, request.dates, 1});
}

void check_bounds(const PlanRequest& request) {
    if (!request.bounds) return;
    const geo::Bounds& b = *request.bounds;
    if (b.west_deg > b.east_deg)
        throw Error(Exit::usage, "the bounding box crosses the antimeridian",
                    "plan its two halves one after the other");
    if (b.south_deg >= b.north_deg || b.west_deg == b.east_deg)
        throw Error(Exit::usage, "the bounding box is empty", "write --bbox west,south,east,north");
}

bool inside(const geo::LonLat& point, const std::optional<geo::Bounds>& bounds) {
    return !bounds || (point.lon_deg >= bounds->west_deg && point.lon_deg < bounds->east_deg &&
                       point.lat_deg >= bounds->south_deg && point.lat_deg < bounds->north_deg);
}

std::vector<Parcel> read_parcels(const PlanRequest& request, const ParcelRules& rules,
                                 PlanSummary& summary, std::string& digest,
                                 const std::function<void(double)>& progress) {
    io::PolygonLayer layer(request.parcels);
    LayerDigest layer_digest;
    std::vector<Parcel> parcels;
    io::PolygonFeature feature;
    const double total = static_cast<double>(std::max<std::int64_t>(1, layer.info().features));
    while (layer.next(feature)) {
        layer_digest.add(feature);
        if (++summary.features % 4096 == 0)
            progress(std::min(1., static_cast<double>(summary.features) / total));
        if (feature.geometry == io::Geometry::repaired) ++summary.repaired;
        Unfit why = Unfit::none;
        auto parcel = make_parcel(feature, request.class_map, rules, why);
        if (why == Unfit::unmapped || why == Unfit::code) ++summary.unmapped[feature.code];
        if (!parcel) {
            ++summary.left_out[std::string(unfit_name(why))];
        } else if (inside(parcel->point, request.bounds)) {
            if (!parcel->centroid) ++summary.no_centroid;
            parcels.push_back(std::move(*parcel));
        } else {
            ++summary.left_out["outside"];
        }
    }
    digest = "sha256:" + layer_digest.hex();
    return parcels;
}

// Parcels of one identity are drawn together or not at all, so that no number of them can be hit.
void check_identities(const std::vector<Parcel>& parcels, const std::string& id_column,
                      bool must_differ) {
    std::vector<std::string_view> ids;
    for (const Parcel& parcel : parcels) ids.push_back(parcel.id);
    std::ranges::sort(ids);
    std::size_t repeated = 0;
    std::string_view example;
    for (std::size_t i = 1; i < ids.size(); ++i) {
        if (ids[i] != ids[i - 1]) continue;
        ++repeated;
        example = ids[i];
    }
    if (repeated == 0) return;
    const std::string what = fmt::format("{} parcels have the {} of another, as '{}'", repeated,
                                         id_column.empty() ? "identity" : id_column, example);
    const char* hint = "name what tells parcels apart with --id-column, or no column at all";
    if (must_differ) throw Error{Exit::bad_input, what, hint};
    log_warning("{}; they share their fate ({})", what, hint);
}

using Cells = std::map<CellKey, std::vector<const Parcel*>>;

Cells group(const std::vector<Parcel>& parcels, int min_polygons, PlanSummary& summary) {
    Cells cells;
    for (const Parcel& parcel : parcels) cells[parcel.cell].push_back(&parcel);
    std::erase_if(cells, [&](const auto& cell) {
        const auto count = static_cast<std::int64_t>(cell.second.size());
        if (count >= min_polygons) return false;
        ++summary.cells_dropped;
        summary.parcels_in_dropped_cells += count;
        return true;
    });
    return cells;
}

// Parcels that the plan itself picks, by rising chance; empty without --exact and --max-iou.
std::vector<const Parcel*> pick(const Cells& cells, const PlanRequest& request,
                                PlanSummary& summary) {
    std::vector<const Parcel*> candidates;
    for (const auto& [key, members] : cells)
        for (const Parcel* parcel : members)
            if (request.exact ? request.targets.contains(parcel->klass)
                              : parcel->u < request.probabilities.at(parcel->klass))
                candidates.push_back(parcel);
    std::ranges::sort(candidates, [](const Parcel* a, const Parcel* b) {
        return std::tie(a->u, a->key) < std::tie(b->u, b->key);
    });
    Thinning thinning(request.shape.size_px, request.max_iou);
    std::map<int, std::int64_t> wanted;
    for (const auto& [klass, target] : request.targets)
        wanted[klass] =
            static_cast<std::int64_t>(std::ceil(static_cast<double>(target) * kReserve));
    std::vector<const Parcel*> picked;
    for (const Parcel* parcel : candidates) {
        if (request.exact && wanted[parcel->klass] == 0) continue;
        if (!thinning.keep(parcel->window)) continue;
        if (request.exact) --wanted[parcel->klass];
        picked.push_back(parcel);
    }
    if (request.exact)
        for (const auto& [klass, missing] : wanted)
            if (missing > 0) summary.short_of_target[klass] = missing;
    return picked;
}

Task make_task(const CellKey& cell, const std::vector<const Parcel*>& members, Task task,
               const PlanRequest& request) {
    task.cell = cell;
    task.west_deg = task.south_deg = 360;
    task.east_deg = task.north_deg = -360;
    for (const Parcel* parcel : members) {
        ++task.class_distribution[parcel->klass];
        task.west_deg = std::min(task.west_deg, parcel->point.lon_deg);
        task.east_deg = std::max(task.east_deg, parcel->point.lon_deg);
        task.south_deg = std::min(task.south_deg, parcel->point.lat_deg);
        task.north_deg = std::max(task.north_deg, parcel->point.lat_deg);
    }
    task.imagery.seasons = season_windows(request.season_table, request.season_source, request.year,
                                          (task.south_deg + task.north_deg) / 2);
    if (request.dates > 1) {
        auto& series = task.imagery.series.emplace();
        series.days = request.series ? *request.series : series_of_seasons(task.imagery.seasons);
        series.dates = request.dates;
        series.least_dates = request.least_dates.value_or(request.dates);
        (void)parts_of(series);
    }
    return task;
}

Task prototype(const PlanRequest& request, const ParcelRules& rules, const std::string& digest) {
    Task task;
    const auto& from = request.parcels;
    task.parcels = {from.path,         rules.layer,       digest,     from.columns.id,
                    from.columns.code, from.columns.name, from.where, from.assume_crs};
    task.class_map_digest = "sha256:" + request.class_map.digest;
    task.climb_class_map = request.climb_class_map;
    task.grid = request.grid;
    task.split = request.split;
    task.year = request.year;
    task.seed = request.seed;
    task.min_area_m2 = request.min_area_m2;
    task.sampling_probs = request.probabilities;
    task.target_samples = request.targets;
    task.imagery = request.imagery;
    task.shape = request.shape;
    task.min_valid = request.min_valid;
    return task;
}

void expect(Task& task, const std::vector<const Parcel*>& members,
            const std::map<std::string, const Parcel*>* picked, PlanSummary& summary) {
    if (picked != nullptr) {
        task.selected.emplace();
        for (const Parcel* parcel : members)
            if (picked->contains(parcel->key)) {
                task.selected->push_back(parcel->id);
                ++task.expected[parcel->klass];
                ++summary.chosen[parcel->klass];
            }
        std::ranges::sort(*task.selected);
        return;
    }
    for (const auto& [klass, count] : task.class_distribution)
        task.expected[klass] = static_cast<double>(count) * task.sampling_probs[klass];
    for (const Parcel* parcel : members)
        if (parcel->u < task.sampling_probs[parcel->klass]) ++summary.chosen[parcel->klass];
}

std::string identify_plan(const std::vector<Task>& tasks) {
    fs::Digest digest(fs::DigestKind::sha256);
    for (const Task& task : tasks) digest.update(task.task_id);
    return "p-" + digest.hex().substr(0, 16);
}

// Without a probability a target gives one; without either the class is not sampled.
std::map<int, double> full_probabilities(const PlanRequest& request,
                                         const std::vector<Parcel>& parcels) {
    std::map<int, double> probabilities = request.probabilities;
    std::map<int, std::int64_t> counts;
    for (const Parcel& parcel : parcels) ++counts[parcel.klass];
    for (const auto& [klass, count] : counts) {
        if (probabilities.contains(klass)) continue;
        const auto target = request.targets.find(klass);
        probabilities[klass] =
            target == request.targets.end()
                ? 0
                : std::min(1., static_cast<double>(target->second) / static_cast<double>(count));
    }
    return probabilities;
}

}  // namespace

std::string_view unfit_name(Unfit why) {
    switch (why) {
        case Unfit::none:
            return "fit";
        case Unfit::geometry:
            return "geometry";
        case Unfit::antimeridian:
            return "antimeridian";
        case Unfit::code:
            return "no_code";
        case Unfit::unmapped:
            return "unmapped";
        case Unfit::other_class:
            return "other_class";
        case Unfit::small:
            return "small";
        case Unfit::edge:
            return "edge";
    }
    return "unknown";
}

void LayerDigest::add(const io::PolygonFeature& feature) {
    lines_.push_back(fs::digest_of(
        fs::DigestKind::sha256,
        fmt::format("{}\x1f{}\x1f{}\n", feature.id, feature.code, feature.fingerprint)));
}

std::string LayerDigest::hex() {
    std::ranges::sort(lines_);
    fs::Digest digest(fs::DigestKind::sha256);
    for (const std::string& line : lines_) digest.update(line);
    return digest.hex();
}

Plan make_plan(const PlanRequest& asked, const std::function<void(double)>& progress) {
    PlanRequest request = asked;
    check_probabilities(request);
    check_bounds(request);
    check_series(request);
    const std::string layer = io::PolygonLayer(request.parcels).info().layer;
    request.parcels.layer = layer;
    const ParcelRules rules{layer,         request.seed,        request.grid,
                            request.shape, request.min_area_m2, request.climb_class_map};
    Plan plan;
    std::string digest;
    const auto parcels = read_parcels(request, rules, plan.summary, digest, progress);
    for (const Parcel& parcel : parcels) ++plan.summary.candidates[parcel.klass];
    request.probabilities = full_probabilities(request, parcels);
    const Cells cells = group(parcels, request.min_polygons, plan.summary);
    std::map<std::string, const Parcel*> picked;
    const bool picks = request.exact || request.max_iou < 1;
    check_identities(parcels, request.parcels.columns.id, picks);
    if (picks)
        for (const Parcel* parcel : pick(cells, request, plan.summary))
            picked[parcel->key] = parcel;
    const Task common = prototype(request, rules, digest);
    for (const auto& [key, members] : cells) {
        Task task = make_task(key, members, common, request);
        expect(task, members, picks ? &picked : nullptr, plan.summary);
        if (task.selected && task.selected->empty()) continue;
        task.task_id = task_identity(task);
        plan.tasks.push_back(std::move(task));
    }
    plan.summary.plan_id = identify_plan(plan.tasks);
    for (Task& task : plan.tasks) task.plan_id = plan.summary.plan_id;
    return plan;
}

}  // namespace hls::chip

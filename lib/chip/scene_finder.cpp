// SPDX-License-Identifier: Apache-2.0
#include "chip/scene_finder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "chip/catalogue_search.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "fs/read_text.hpp"
#include "net/endpoints.hpp"

namespace hls::chip {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxCacheBytes = 256 << 20;
constexpr std::string_view kSchema = "hls-chip/scenes/1";

// One search, by everything that its answer depends on.
struct Search {
    Catalogue catalogue;
    CatalogueQuestion question;

    std::string key() const {
        Json json{{"catalogue", catalogue.url},
                  {"collections", question.collections},
                  {"tile", question.tile},
                  {"from", format_day(question.days.from)},
                  {"to", format_day(question.days.to)},
                  {"cloud_max", question.cloud_max}};
        return json.dump();
    }
};

std::string format_answer(const std::string& key, const CatalogueAnswer& answer) {
    Json json{{"schema", kSchema}, {"search", Json::parse(key)}};
    json["warnings"] = answer.warnings;
    json["items"] = Json::array();
    for (const std::string& item : answer.items) json["items"].push_back(Json::parse(item));
    return json.dump() + "\n";
}

CatalogueAnswer parse_answer(const std::string& text) {
    const Json json = Json::parse(text);
    if (json.at("schema") != kSchema) throw Error{Exit::bad_input, "another schema"};
    CatalogueAnswer answer;
    answer.warnings = json.at("warnings").get<decltype(answer.warnings)>();
    for (const Json& item : json.at("items")) answer.items.push_back(item.dump());
    return answer;
}

class CatalogueScenes {
 public:
    CatalogueScenes(SceneOrigin options, const ImageryTable& table, ImageryAccess& access)
        : options_(std::move(options)), table_(table), access_(access) {}

    FoundScenes find(const Task& task) {
        const std::string& name =
            options_.catalogue.empty() ? task.imagery.catalogue : options_.catalogue;
        if (name.empty())
            throw Error{Exit::usage, "the plan names no catalogue", "give --stac or --stac-dir"};
        const Search search{table_.catalogue(name),
                            {task.imagery.collections, task.cell.tile, search_days(task.imagery),
                             task.imagery.cloud_max}};
        Slot& slot = slot_of(search.key());
        const std::lock_guard lock(slot.mutex);
        if (!slot.answer) slot.answer = std::make_unique<FoundScenes>(answer(search));
        return *slot.answer;
    }

 private:
    struct Slot {
        std::mutex mutex;
        std::unique_ptr<FoundScenes> answer;
    };

    Slot& slot_of(const std::string& key) {
        const std::lock_guard lock(mutex_);
        auto& slot = slots_[key];
        if (!slot) slot = std::make_unique<Slot>();
        return *slot;
    }

    CatalogueAnswer stored_or_asked(const Search& search) {
        const std::string key = search.key();
        const std::string digest = fs::digest_of(fs::DigestKind::sha256, key).substr(0, 24);
        const auto path = options_.cache / (digest + ".json");
        if (std::filesystem::exists(path)) {
            try {
                return parse_answer(fs::read_text(path, kMaxCacheBytes));
            } catch (const std::exception&) {
                log_warning("{}: not readable, asking the catalogue again", path.string());
            }
        }
        CatalogueAnswer answer =
            search_catalogue(access_.client(), search.catalogue, search.question);
        fs::prepare_output(path, fs::IfExists::replace);
        fs::write_text_atomically(path, format_answer(key, answer), fs::IfExists::replace);
        return answer;
    }

    FoundScenes answer(const Search& search) {
        CatalogueAnswer answer = stored_or_asked(search);
        FoundScenes found;
        found.warnings = std::move(answer.warnings);
        ItemSource source;
        source.name = search.catalogue.name;
        source.remote = true;
        source.loopback = net::is_loopback(net::parse_url(search.catalogue.url).host);
        source.links = {table_.buckets, options_.requester_pays};
        int skipped = 0;
        for (const std::string& text : answer.items) {
            try {
                SceneItem item = parse_scene_item(text, source);
                for (const auto& [name, other] : search.catalogue.other_names)
                    if (item.collection == other) item.collection = name;
                if (item.tile == search.question.tile) found.items.push_back(std::move(item));
            } catch (const Error& error) {
                ++skipped;
                log_info("skipped: {}", error.message);
            }
        }
        if (skipped > 0)
            found.warnings.emplace_back("W_ITEMS", fmt::format("{} items skipped", skipped));
        found.items = merge_scene_items(std::move(found.items), search.question.collections);
        return found;
    }

    SceneOrigin options_;
    const ImageryTable& table_;
    ImageryAccess& access_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Slot>> slots_;
};

}  // namespace

DateRange search_days(const ImageryRequest& imagery) {
    if (imagery.seasons.empty()) throw Error{Exit::bad_input, "a task without seasons"};
    DateRange days = imagery.seasons.front().fallback;
    for (const SeasonWindow& season : imagery.seasons) {
        days.from = std::min({days.from, season.best.from, season.fallback.from});
        days.to = std::max({days.to, season.best.to, season.fallback.to});
    }
    if (imagery.series) days = imagery.series->days;
    using std::chrono::year_month_day;
    const year_month_day from(days.from), to(days.to);
    return {std::chrono::sys_days(from.year() / from.month() / 1),
            std::chrono::sys_days(to.year() / to.month() / std::chrono::last)};
}

SceneFinder find_in_folder(const std::filesystem::path& folder, const LinkRules& links) {
    int skipped = 0;
    auto by_tile = std::make_shared<std::map<std::string, std::vector<SceneItem>>>();
    for (SceneItem& item : read_scene_items(folder, links, skipped))
        (*by_tile)[item.tile].push_back(std::move(item));
    FoundScenes none;
    if (skipped > 0)
        none.warnings.emplace_back("W_ITEMS", fmt::format("{} files are no items", skipped));
    return [by_tile, none](const Task& task) {
        FoundScenes found = none;
        if (const auto tile = by_tile->find(task.cell.tile); tile != by_tile->end())
            found.items = merge_scene_items(tile->second, task.imagery.collections);
        return found;
    };
}

SceneFinder find_in_catalogue(const SceneOrigin& origin, const ImageryTable& table,
                              ImageryAccess& access) {
    auto scenes = std::make_shared<CatalogueScenes>(origin, table, access);
    return [scenes](const Task& task) { return scenes->find(task); };
}

SceneFinder find_scenes(const SceneOrigin& origin, const ImageryTable& table,
                        ImageryAccess& access) {
    if (!origin.folder.empty())
        return find_in_folder(origin.folder, {table.buckets, origin.requester_pays});
    if (!origin.catalogue.empty()) table.catalogue(origin.catalogue);  // before any work
    // An address that the user gave may lie in a private network, even without https.
    if (origin.catalogue.find("://") != origin.catalogue.npos)
        net::trust_origin(net::parse_url(origin.catalogue));
    return find_in_catalogue(origin, table, access);
}

}  // namespace hls::chip

// SPDX-License-Identifier: Apache-2.0
#include "joblog/intake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "joblog/gate.hpp"

namespace hls::joblog {
namespace {

using Json = nlohmann::ordered_json;

std::optional<std::string> given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<int> given(int number) {
    return number == 0 ? std::nullopt : std::optional(number);
}

std::optional<std::string> given(const std::optional<UtcTime>& time) {
    return time ? std::optional(timestamp(*time)) : std::nullopt;
}

struct Edition {
    std::string id, address;
    bool accepted = false;
};

// Several products of one path, row and day are several editions of one scene: L1TP before others,
// T1 before RT, the newest before older ones.
std::optional<Edition> best_edition(store::Connection& connection, const std::string& group) {
    auto best = connection.prepare(
        "SELECT product_id, coalesce(local_uri,uri,''), accept FROM product WHERE group_key=? AND "
        "withdrawn=0 ORDER BY accept DESC, tier='T1' DESC, produced_at DESC, product_id DESC");
    if (!best.bind(group).step()) return std::nullopt;
    return Edition{best.text(0), best.text(1), best.integer(2) != 0};
}

void keep_input(store::Connection& connection, const Unit& unit, const Edition& edition) {
    Json spec{{"scene", edition.id}};
    if (!edition.address.empty()) spec["input"] = edition.address;
    connection.prepare("UPDATE unit SET spec=? WHERE id=?").bind(spec.dump(), unit.id).run();
}

}  // namespace

int priority_of_track(std::string_view track) {
    if (track == "request") return 10;
    if (track == "test") return 60;
    return track == "historic" ? 80 : 50;
}

void choose_input_again(Change& change, const Unit& unit) {
    if (unit.stage != "ac" || unit.path == 0) return;
    // ac:033/027/2024-03-07 and LS/033/027/2024-03-07
    const std::string group = "LS/" + unit.key.substr(unit.key.find(':') + 1);
    if (const auto best = best_edition(change.connection(), group))
        keep_input(change.connection(), unit, *best);
}

Intake::Intake(Change& change, const IntakeRules& rules)
    : change_(change), rules_(rules), overlaps_(*rules.plan.tiles) {}

void Intake::add(const Granule& granule) {
    ++count_.granules;
    const bool fresh = keep_product(granule);
    if (!fresh) ++count_.known;
    auto units = plan_correction(granule, rules_.plan);
    for (const auto& planned : units) {
        keep_unit(planned);
        keep_needs(planned);
    }
    if (granule.mission == Mission::landsat)
        choose_landsat_input(granule);
    else
        supersede_twins(granule);
    for (const auto& planned : plan_products(granule, rules_.plan, overlaps_)) {
        keep_unit(planned);
        if (fresh) keep_times(planned, granule);
        keep_needs(planned);
    }
    // Everything is in place: settle from the first stage to the last.
    for (const auto& planned : units) settle_dependents(change_, planned.key);
}

// True if the product or something about it is new.
bool Intake::keep_product(const Granule& granule) {
    auto insert = change_.connection().prepare(
        "INSERT INTO product(product_id,unit_key,source,uuid,sensor,level,tier,baseline,datastrip,"
        "tile,path,row,orbit,sensed_at,acq_date,published_at,produced_at,group_key,size,sums,uri,"
        "local_uri,accept,withdrawn,seen_at) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
        "ON CONFLICT(product_id) DO UPDATE SET source=coalesce(excluded.source,source),"
        "uuid=coalesce(excluded.uuid,uuid),datastrip=coalesce(excluded.datastrip,datastrip),"
        "sensed_at=coalesce(excluded.sensed_at,sensed_at),"
        "published_at=coalesce(excluded.published_at,published_at),"
        "produced_at=coalesce(excluded.produced_at,produced_at),"
        "size=coalesce(excluded.size,size),sums=coalesce(excluded.sums,sums),"
        "uri=coalesce(excluded.uri,uri),local_uri=coalesce(excluded.local_uri,local_uri),"
        "accept=excluded.accept,withdrawn=excluded.withdrawn "
        "WHERE excluded.withdrawn<>withdrawn OR excluded.accept<>accept OR "
        "coalesce(excluded.uri,uri) IS NOT uri OR coalesce(excluded.local_uri,local_uri) IS NOT "
        "local_uri OR coalesce(excluded.sensed_at,sensed_at) IS NOT sensed_at OR "
        "coalesce(excluded.sums,sums) IS NOT sums OR "
        "coalesce(excluded.datastrip,datastrip) IS NOT datastrip");
    insert
        .bind(granule.id, granule.ac_key(), given(granule.source), given(granule.uuid),
              granule.sensor, given(granule.level), given(granule.tier), given(granule.baseline),
              given(granule.datastrip), given(granule.tile), given(granule.path),
              given(granule.row), given(granule.orbit), given(granule.sensed_at), granule.acq_date,
              given(granule.published_at), given(granule.produced_at), granule.group(),
              granule.size, given(granule.sums), given(granule.uri), given(granule.local),
              granule.acceptable(), granule.withdrawn || granule.absent, change_.now())
        .run();
    return change_.connection().changes() > 0;
}

void Intake::keep_unit(const PlannedUnit& planned) {
    auto& connection = change_.connection();
    auto insert = connection.prepare(
        "INSERT INTO unit(ukey,stage,track,state,reason,priority,sensor,tile,path,row,acq_date,"
        "created_at,changed_at,changed_by) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
        "ON CONFLICT(ukey) DO NOTHING");
    const bool free = planned.needs.empty();
    insert
        .bind(planned.key, planned.stage, rules_.track, free ? "ready" : "wait",
              free ? "new" : "inputs", rules_.priority, given(planned.sensor), given(planned.tile),
              given(planned.path), given(planned.row), planned.acq_date, change_.now(),
              change_.now(), change_.actor())
        .run();
    count_.units += static_cast<int>(connection.changes());
}

// Needs are only ever added: a twin that is announced later joins those there.
void Intake::keep_needs(const PlannedUnit& planned) {
    auto& connection = change_.connection();
    const Unit unit = require_unit(connection, planned.key);
    auto known = connection.prepare("SELECT 1 FROM dependency WHERE unit_id=? AND need_key=?");
    auto insert = connection.prepare(
        "INSERT INTO dependency(unit_id,seq,need_key,gate,weight) VALUES(?1,"
        "(SELECT 1+coalesce(max(seq),0) FROM dependency WHERE unit_id=?1),?2,?3,?4)");
    bool added = false;
    for (const auto& need : planned.needs) {
        known.reset();
        if (known.bind(unit.id, need.key).step()) continue;
        insert.bind(unit.id, need.key, need.gate == Gate::need ? "need" : "member", need.weight)
            .run();
        added = true;
    }
    if (added) refresh_needs(change_, unit);
}

void Intake::keep_times(const PlannedUnit& planned, const Granule& granule) {
    const auto& settings = change_.log().settings();
    auto& connection = change_.connection();
    if (planned.stage == "tile") {
        const auto wait =
            rules_.track == "historic" ? settings.historic_tile_wait : settings.tile_wait;
        connection
            .prepare(
                "UPDATE unit SET deadline=?2 WHERE ukey=?1 AND deadline IS NULL AND "
                "state='wait'")
            .bind(planned.key, timestamp(change_.time() + wait))
            .run();
    } else if (planned.stage == "s30") {
        const auto last = granule.published_at.value_or(change_.time());
        connection
            .prepare(
                "UPDATE unit SET not_before=max(coalesce(not_before,''),?2) WHERE ukey=?1 "
                "AND state IN ('wait','ready')")
            .bind(planned.key, timestamp(last + settings.twin_wait))
            .run();
    }
}

// None that the rules accept: nothing to do.
void Intake::choose_landsat_input(const Granule& granule) {
    auto& connection = change_.connection();
    const Unit unit = require_unit(connection, granule.ac_key());
    const auto best = best_edition(connection, granule.group());
    if (!best) {
        if (!unit.settled() && unit.state != "claimed")
            move_unit(change_, unit, "cancelled", granule.absent ? "absent" : "withdrawn");
        return;
    }
    // What a product was made of stays said; see choose_input_again().
    if (unit.state != "done") keep_input(connection, unit, *best);
    connection
        .prepare(
            "UPDATE product SET superseded_by=CASE WHEN product_id=?2 THEN NULL ELSE ?2 END "
            "WHERE group_key=?1 AND withdrawn=0")
        .bind(granule.group(), best->id)
        .run();
    if (!best->accepted) {
        if (unit.state == "wait" || unit.state == "ready")
            move_unit(change_, unit, "skipped", "not_accepted");
        return;
    }
    const bool reopens =
        (unit.state == "skipped" && unit.reason == "not_accepted") ||
        (unit.state == "cancelled" && (unit.reason == "withdrawn" || unit.reason == "absent"));
    if (reopens) {
        move_unit(change_, unit, "wait", "inputs");
        settle(change_, require_unit(connection, unit.key));
    }
}

// Products of one group with different data strips are twins, and all are used. With the same one
// they are editions: the highest baseline counts, then the newest.
void Intake::supersede_twins(const Granule& granule) {
    auto& connection = change_.connection();
    const Unit unit = require_unit(connection, granule.ac_key());
    Json spec{{"scene", granule.id}};
    auto rows = connection.prepare(
        "SELECT product_id, unit_key, coalesce(baseline,''), coalesce(datastrip,''), "
        "coalesce(produced_at,''), coalesce(local_uri,uri,''), withdrawn FROM product "
        "WHERE group_key=? ORDER BY baseline DESC, produced_at DESC, product_id DESC");
    rows.bind(granule.group());
    // The start of the strip, without the processing time that the whole id also holds.
    const auto strip_start = [](const std::string& strip) {
        const auto at = strip.rfind("_S");
        return at == std::string::npos ? std::string() : strip.substr(at + 2, 15);
    };
    std::string baseline;
    std::map<std::string, std::string> edition_of_strip;
    for (bool first = true; rows.step();) {
        const std::string id = rows.text(0), strip = strip_start(rows.text(3));
        if (id == granule.id && !rows.view(5).empty()) spec["input"] = rows.text(5);
        const Unit other = require_unit(connection, rows.text(1));
        std::string newer;
        if (rows.integer(6) != 0) {
            if (other.state != "done" && other.state != "claimed" && other.state != "cancelled")
                move_unit(change_, other, "cancelled", "withdrawn");
            continue;
        }
        if (first) baseline = rows.text(2);
        if (rows.view(2) != baseline) newer = edition_of_strip.begin()->second;
        first = false;
        if (newer.empty()) {
            const auto [place, fresh] =
                edition_of_strip.try_emplace(strip.empty() ? id : strip, id);
            if (!fresh) newer = place->second;
        }
        connection.prepare("UPDATE product SET superseded_by=? WHERE product_id=?")
            .bind(given(newer), id)
            .run();
        if (!newer.empty() && other.state != "superseded" && other.state != "claimed")
            move_unit(change_, other, "superseded", "newer_edition");
        if (newer.empty() && other.state == "superseded") {
            move_unit(change_, other, "wait", "inputs");
            settle(change_, require_unit(connection, other.key));
        }
    }
    connection.prepare("UPDATE unit SET spec=? WHERE id=? AND state<>'done'")
        .bind(spec.dump(), unit.id)
        .run();
}

}  // namespace hls::joblog

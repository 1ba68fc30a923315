// SPDX-License-Identifier: Apache-2.0
// PolygonLayer on OGR: repair, linearise and reproject feature by feature.
#include "io/polygon_layer.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "fs/digest.hpp"
#include "io/gdal_session.hpp"

namespace hls::io {
namespace {

struct DestroyGeometry {
    void operator()(OGRGeometryH geometry) const { OGR_G_DestroyGeometry(geometry); }
};
using GeometryPtr = std::unique_ptr<void, DestroyGeometry>;

struct DestroyFeature {
    void operator()(OGRFeatureH feature) const { OGR_F_Destroy(feature); }
};

bool is_polygonal(OGRGeometryH geometry) {
    const auto type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    return type == wkbPolygon || type == wkbMultiPolygon;
}

bool is_finite(OGRGeometryH geometry) {
    OGREnvelope box;
    OGR_G_GetEnvelope(geometry, &box);
    return std::isfinite(box.MinX) && std::isfinite(box.MaxX) && std::isfinite(box.MinY) &&
           std::isfinite(box.MaxY);
}

// The polygons of what a repair left, as one multipolygon; null if there are none.
GeometryPtr polygons_of(OGRGeometryH geometry) {
    GeometryPtr all(OGR_G_CreateGeometry(wkbMultiPolygon));
    const auto type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    if (type == wkbPolygon) OGR_G_AddGeometry(all.get(), geometry);
    const int count = type == wkbPolygon ? 0 : OGR_G_GetGeometryCount(geometry);
    for (int i = 0; i < count; ++i) {
        OGRGeometryH part = OGR_G_GetGeometryRef(geometry, i);
        if (wkbFlatten(OGR_G_GetGeometryType(part)) == wkbPolygon) {
            OGR_G_AddGeometry(all.get(), part);
        } else if (wkbFlatten(OGR_G_GetGeometryType(part)) == wkbMultiPolygon) {
            for (int k = 0; k < OGR_G_GetGeometryCount(part); ++k)
                OGR_G_AddGeometry(all.get(), OGR_G_GetGeometryRef(part, k));
        }
    }
    return OGR_G_IsEmpty(all.get()) != 0 ? nullptr : std::move(all);
}

OGRGeometryH largest_part(OGRGeometryH polygons) {
    OGRGeometryH largest = nullptr;
    double area = -1;
    for (int i = 0; i < OGR_G_GetGeometryCount(polygons); ++i) {
        OGRGeometryH part = OGR_G_GetGeometryRef(polygons, i);
        if (const double a = OGR_G_Area(part); a > area) {
            area = a;
            largest = part;
        }
    }
    return largest;
}

std::vector<PolygonPart> copy_parts(OGRGeometryH polygons) {
    std::vector<PolygonPart> parts;
    for (int i = 0; i < OGR_G_GetGeometryCount(polygons); ++i) {
        OGRGeometryH polygon = OGR_G_GetGeometryRef(polygons, i);
        PolygonPart part;
        for (int r = 0; r < OGR_G_GetGeometryCount(polygon); ++r) {
            OGRGeometryH ring = OGR_G_GetGeometryRef(polygon, r);
            LonLatRing points(static_cast<std::size_t>(OGR_G_GetPointCount(ring)));
            if (points.empty()) continue;
            OGR_G_GetPoints(ring, &points[0].lon_deg, sizeof(LonLatPoint), &points[0].lat_deg,
                            sizeof(LonLatPoint), nullptr, 0);
            part.rings.push_back(std::move(points));
        }
        if (!part.rings.empty()) parts.push_back(std::move(part));
    }
    return parts;
}

std::string fingerprint(OGRGeometryH geometry) {
    std::vector<unsigned char> wkb(static_cast<std::size_t>(OGR_G_WkbSize(geometry)));
    OGR_G_ExportToIsoWkb(geometry, wkbNDR, wkb.data());
    fs::Digest digest(fs::DigestKind::sha256);
    digest.update(wkb.data(), wkb.size());
    return digest.hex();
}

}  // namespace

struct PolygonLayer::State {
    PolygonLayerOptions options;
    PolygonLayerInfo info;
    GDALDatasetH dataset = nullptr;
    OGRLayerH layer = nullptr;
    OGRSpatialReferenceH wgs84 = nullptr, own = nullptr;
    OGRCoordinateTransformationH to_wgs84 = nullptr, from_wgs84 = nullptr;
    int id_field = -1, code_field = -1, name_field = -1;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        const GdalErrors quiet;
        if (to_wgs84 != nullptr) OCTDestroyCoordinateTransformation(to_wgs84);
        if (from_wgs84 != nullptr) OCTDestroyCoordinateTransformation(from_wgs84);
        if (own != nullptr) OSRDestroySpatialReference(own);
        if (wgs84 != nullptr) OSRDestroySpatialReference(wgs84);
        if (dataset != nullptr) GDALClose(dataset);
    }

    void open();
    void choose_layer();
    void choose_columns();
    void choose_projection();
    void describe();
    int field(const std::string& name) const;
    std::string text(OGRFeatureH feature, int index) const;
    void read_geometry(OGRGeometryH stored, PolygonFeature& feature) const;
    LonLatPoint project(OGRGeometryH point) const;
};

void PolygonLayer::State::open() {
    require_readable(options.path);
    const GdalErrors errors;
    dataset = GDALOpenEx(options.path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY, nullptr, nullptr,
                         nullptr);
    if (dataset == nullptr) errors.raise(Exit::bad_input, "cannot read", options.path);
    choose_layer();
    choose_projection();
    choose_columns();
    if (!options.where.empty() &&
        OGR_L_SetAttributeFilter(layer, options.where.c_str()) != OGRERR_NONE)
        errors.raise(Exit::bad_input, fmt::format("bad condition '{}' for", options.where),
                     options.path);
    describe();
}

void PolygonLayer::State::choose_layer() {
    std::vector<std::string> names;
    const int layers = GDALDatasetGetLayerCount(dataset);
    names.reserve(static_cast<std::size_t>(layers));
    for (int i = 0; i < layers; ++i)
        names.emplace_back(OGR_L_GetName(GDALDatasetGetLayer(dataset, i)));
    if (options.layer.empty() && names.size() == 1)
        layer = GDALDatasetGetLayer(dataset, 0);
    else if (!options.layer.empty())
        layer = GDALDatasetGetLayerByName(dataset, options.layer.c_str());
    if (layer != nullptr) return;
    const std::string there = fmt::format("it has {}", fmt::join(names, ", "));
    if (names.empty()) throw Error{Exit::bad_input, fmt::format("{} has no layers", options.path)};
    if (options.layer.empty())
        throw Error{Exit::usage, fmt::format("{} has several layers", options.path),
                    there + ": name one"};
    throw Error{Exit::missing_input, fmt::format("{} has no layer {}", options.path, options.layer),
                there};
}

void PolygonLayer::State::choose_projection() {
    OGRSpatialReferenceH found = OGR_L_GetSpatialRef(layer);
    own = OSRNewSpatialReference(nullptr);
    if (found != nullptr) {
        OSRDestroySpatialReference(own);
        own = OSRClone(found);
    } else if (options.assume_crs.empty() ||
               OSRSetFromUserInput(own, options.assume_crs.c_str()) != OGRERR_NONE) {
        throw Error{
            Exit::bad_input,
            fmt::format("layer {} of {} has no projection", OGR_L_GetName(layer), options.path),
            "name it with --assume-crs EPSG:nnnn"};
    }
    wgs84 = OSRNewSpatialReference(nullptr);
    OSRImportFromEPSG(wgs84, 4326);
    // Longitude first, whatever the authority says.
    OSRSetAxisMappingStrategy(wgs84, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(own, OAMS_TRADITIONAL_GIS_ORDER);
    to_wgs84 = OCTNewCoordinateTransformation(own, wgs84);
    from_wgs84 = OCTNewCoordinateTransformation(wgs84, own);
    if (to_wgs84 == nullptr || from_wgs84 == nullptr)
        throw Error{Exit::bad_input,
                    fmt::format("the projection of {} cannot be used", options.path)};
}

int PolygonLayer::State::field(const std::string& name) const {
    if (name.empty()) return -1;
    const int index = OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), name.c_str());
    if (index < 0)
        throw Error{Exit::bad_input,
                    fmt::format("layer {} of {} has no column {}", OGR_L_GetName(layer),
                                options.path, name),
                    fmt::format("it has {}", fmt::join(info.columns, ", "))};
    return index;
}

void PolygonLayer::State::choose_columns() {
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    for (int i = 0; i < OGR_FD_GetFieldCount(definition); ++i)
        info.columns.emplace_back(OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i)));
    id_field = field(options.columns.id);
    code_field = field(options.columns.code);
    name_field = field(options.columns.name);
}

void PolygonLayer::State::describe() {
    info.layer = OGR_L_GetName(layer);
    const char* authority = OSRGetAuthorityName(own, nullptr);
    const char* code = OSRGetAuthorityCode(own, nullptr);
    info.crs = authority != nullptr && code != nullptr ? fmt::format("{}:{}", authority, code)
                                                       : OSRGetName(own);
    info.features = OGR_L_GetFeatureCount(layer, TRUE);
    info.spatial_index = OGR_L_TestCapability(layer, OLCFastSpatialFilter) != 0;
    OGREnvelope box{};
    if (info.features == 0 || OGR_L_GetExtent(layer, &box, TRUE) != OGRERR_NONE) return;
    OCTTransformBounds(to_wgs84, box.MinX, box.MinY, box.MaxX, box.MaxY, &info.west_deg,
                       &info.south_deg, &info.east_deg, &info.north_deg, 21);
}

std::string PolygonLayer::State::text(OGRFeatureH feature, int index) const {
    if (index < 0 || OGR_F_IsFieldSetAndNotNull(feature, index) == 0) return {};
    const char* text = OGR_F_GetFieldAsString(feature, index);
    if (CPLIsUTF8(text, -1) != 0) return text;
    // Of a layer that is wrong about its encoding: as Latin-1 different bytes stay different.
    char* recoded = CPLRecode(text, CPL_ENC_ISO8859_1, CPL_ENC_UTF8);
    std::string result = recoded;
    CPLFree(recoded);
    return result;
}

LonLatPoint PolygonLayer::State::project(OGRGeometryH point) const {
    LonLatPoint place{OGR_G_GetX(point, 0), OGR_G_GetY(point, 0)};
    OCTTransform(to_wgs84, 1, &place.lon_deg, &place.lat_deg, nullptr);
    return place;
}

void PolygonLayer::State::read_geometry(OGRGeometryH stored, PolygonFeature& feature) const {
    feature.fingerprint = fingerprint(stored);
    GeometryPtr linear(OGR_G_GetLinearGeometry(stored, 0, nullptr));
    if (!is_finite(linear.get())) {
        feature.geometry = Geometry::outside_projection;
        return;
    }
    feature.geometry = Geometry::sound;
    if (OGR_G_IsValid(linear.get()) == 0) {
        linear.reset(OGR_G_MakeValid(linear.get()));
        feature.geometry = Geometry::repaired;
    }
    const bool was_polygonal =
        linear != nullptr && (is_polygonal(linear.get()) || feature.geometry == Geometry::repaired);
    GeometryPtr polygons = was_polygonal ? polygons_of(linear.get()) : nullptr;
    if (polygons == nullptr) {
        feature.geometry = Geometry::not_polygonal;
        return;
    }
    OGRGeometryH largest = largest_part(polygons.get());
    GeometryPtr point(OGR_G_CreateGeometry(wkbPoint));
    OGR_G_Centroid(largest, point.get());
    feature.centroid_inside = OGR_G_Contains(largest, point.get()) != 0;
    if (!feature.centroid_inside) point.reset(OGR_G_PointOnSurface(largest));
    feature.point = project(point.get());
    if (OGR_G_Transform(polygons.get(), to_wgs84) != OGRERR_NONE || !is_finite(polygons.get()) ||
        !std::isfinite(feature.point.lon_deg) || !std::isfinite(feature.point.lat_deg)) {
        feature.geometry = Geometry::outside_projection;
        return;
    }
    feature.parts = copy_parts(polygons.get());
}

PolygonLayer::PolygonLayer(const PolygonLayerOptions& options) : state_(std::make_unique<State>()) {
    state_->options = options;
    state_->open();
}

PolygonLayer::~PolygonLayer() = default;
PolygonLayer::PolygonLayer(PolygonLayer&&) noexcept = default;
PolygonLayer& PolygonLayer::operator=(PolygonLayer&&) noexcept = default;

const PolygonLayerInfo& PolygonLayer::info() const {
    return state_->info;
}

void PolygonLayer::limit(double west_deg, double south_deg, double east_deg, double north_deg) {
    const GdalErrors errors;
    double box[4];
    if (OCTTransformBounds(state_->from_wgs84, west_deg, south_deg, east_deg, north_deg, &box[0],
                           &box[1], &box[2], &box[3], 21) == 0)
        errors.raise(Exit::bad_input, "the bounds do not fit the projection of",
                     state_->options.path);
    OGR_L_SetSpatialFilterRect(state_->layer, box[0], box[1], box[2], box[3]);
    OGR_L_ResetReading(state_->layer);
}

bool PolygonLayer::next(PolygonFeature& feature) {
    throw_if_cancelled();
    const GdalErrors errors;
    const std::unique_ptr<void, DestroyFeature> found(OGR_L_GetNextFeature(state_->layer));
    if (found == nullptr) {
        if (errors.failed()) errors.raise(Exit::bad_input, "cannot read", state_->options.path);
        return false;
    }
    feature = {};
    feature.fid = OGR_F_GetFID(found.get());
    feature.id = state_->id_field < 0 ? fmt::format("{}", feature.fid)
                                      : state_->text(found.get(), state_->id_field);
    feature.code = state_->text(found.get(), state_->code_field);
    feature.name = state_->text(found.get(), state_->name_field);
    OGRGeometryH stored = OGR_F_GetGeometryRef(found.get());
    if (stored != nullptr && OGR_G_IsEmpty(stored) == 0) state_->read_geometry(stored, feature);
    return true;
}

}  // namespace hls::io

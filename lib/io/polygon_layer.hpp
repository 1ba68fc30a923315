// SPDX-License-Identifier: Apache-2.0
// Polygons with their attributes from a layer of a vector file (GeoPackage, Shapefile, ...).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hls::io {

struct LonLatPoint {
    double lon_deg = 0;
    double lat_deg = 0;
};
using LonLatRing = std::vector<LonLatPoint>;  // first point repeated as the last

// Outer ring first, then its holes.
struct PolygonPart {
    std::vector<LonLatRing> rings;
};

enum class Geometry { sound, repaired, absent, not_polygonal, outside_projection };

struct PolygonFeature {
    std::int64_t fid = 0;
    std::string id, code, name;  // as text; empty where the column is null or was not asked for
    Geometry geometry = Geometry::absent;
    std::vector<PolygonPart> parts;  // WGS 84; empty unless sound or repaired
    // Of the largest part: its centroid where that lies inside, else some point inside.
    LonLatPoint point;
    bool centroid_inside = false;
    std::string fingerprint;  // SHA-256 of the stored geometry
};

struct PolygonColumns {
    std::string id;          // empty: the feature number
    std::string code, name;  // empty: not read
};

struct PolygonLayerOptions {
    std::string path;
    std::string layer;  // empty: the only one
    std::string where;  // SQL condition; empty: all features
    PolygonColumns columns;
    std::string assume_crs;  // of a layer that does not say, as in EPSG:3059
};

struct PolygonLayerInfo {
    std::string layer, crs;
    std::vector<std::string> columns;
    std::int64_t features = 0;
    bool spatial_index = false;
    // Of the layer in WGS 84, zeros when it is empty.
    double west_deg = 0, south_deg = 0, east_deg = 0, north_deg = 0;
};

// Features in the order of the file. An object is used by one thread at a time.
//
// Errors: missing file or layer 66, unreadable file, absent column, bad condition or layer without
// CRS 65.
class PolygonLayer {
 public:
    explicit PolygonLayer(const PolygonLayerOptions& options);
    ~PolygonLayer();
    PolygonLayer(PolygonLayer&&) noexcept;
    PolygonLayer& operator=(PolygonLayer&&) noexcept;

    const PolygonLayerInfo& info() const;

    // From now on only features whose bounding box touches this one; begins again.
    void limit(double west_deg, double south_deg, double east_deg, double north_deg);

    // False after the last feature.
    bool next(PolygonFeature& feature);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hls::io

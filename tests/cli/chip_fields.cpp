// SPDX-License-Identifier: Apache-2.0
// Makes a layer of fields as large as a country's: chip_fields FILE.gpkg COUNT spreads them over
// mainland Spain (UTM zones 29 to 31) in villages of touching fields, some concave, with holes, in
// several parts, with edges that cross themselves, empty or in no cell's middle.
#include <fmt/format.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include <cmath>
#include <iostream>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr double kWest = -9.2, kEast = 3.3, kSouth = 36.5, kNorth = 43.5;
constexpr double kFieldDeg = 0.0016;  // some 150 m
constexpr int kSide = 20;             // fields along a side of a village

struct Point {
    double x = 0, y = 0;
};
using Ring = std::vector<Point>;

OGRGeometryH polygon_of(const std::vector<Ring>& rings) {
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
    for (const Ring& ring : rings) {
        OGRGeometryH line = OGR_G_CreateGeometry(wkbLinearRing);
        for (const Point& point : ring) OGR_G_AddPoint_2D(line, point.x, point.y);
        OGR_G_AddPoint_2D(line, ring.front().x, ring.front().y);
        OGR_G_AddGeometryDirectly(polygon, line);
    }
    return polygon;
}

// One of seven shapes within the field's square, which neighbours touch.
OGRGeometryH shape_of(int kind, Point corner, double width, double height) {
    const auto at = [&](double x, double y) {
        return Point{corner.x + x * width, corner.y + y * height};
    };
    const Ring square{at(0, 0), at(1, 0), at(1, 1), at(0, 1)};
    switch (kind) {
        case 0:  // a U: its centroid lies outside
            return polygon_of({{at(0, 0), at(1, 0), at(1, 1), at(.85, 1), at(.85, .1), at(.15, .1),
                                at(.15, 1), at(0, 1)}});
        case 1:  // with a pond
            return polygon_of({square, {at(.3, .3), at(.3, .6), at(.6, .6), at(.6, .3)}});
        case 2: {  // two parts
            OGRGeometryH parts = OGR_G_CreateGeometry(wkbMultiPolygon);
            OGR_G_AddGeometryDirectly(parts,
                                      polygon_of({{at(0, 0), at(.6, 0), at(.6, 1), at(0, 1)}}));
            OGR_G_AddGeometryDirectly(parts,
                                      polygon_of({{at(.7, 0), at(1, 0), at(1, 1), at(.7, 1)}}));
            return parts;
        }
        case 3:  // a bow tie
            return polygon_of({{at(0, 0), at(1, 1), at(1, 0), at(0, 1)}});
        case 4:  // a spike that goes out and back
            return polygon_of(
                {{at(0, 0), at(1, 0), at(1, .5), at(1.3, .5), at(1, .5), at(1, 1), at(0, 1)}});
        case 5:
            return polygon_of({{at(0, 0), at(1, 0), at(.5, 1)}});
        default:
            return polygon_of({square});
    }
}

int kind_of(std::uint_fast32_t draw) {
    return draw % 100 < 12 ? static_cast<int>(draw % 6) : 6;
}

class FieldLayer {
 public:
    explicit FieldLayer(const std::string& path) {
        OGRRegisterAll();
        source_ = OGR_Dr_CreateDataSource(OGRGetDriverByName("GPKG"), path.c_str(), nullptr);
        if (source_ == nullptr) throw std::runtime_error("cannot create " + path);
        OGRSpatialReferenceH reference = OSRNewSpatialReference(nullptr);
        OSRImportFromEPSG(reference, 4326);
        OSRSetAxisMappingStrategy(reference, OAMS_TRADITIONAL_GIS_ORDER);
        layer_ = OGR_DS_CreateLayer(source_, "fields", reference, wkbUnknown, nullptr);
        OSRDestroySpatialReference(reference);
        for (const char* name : {"parcel", "EC_hcat_c", "EC_hcat_n"}) {
            OGRFieldDefnH field = OGR_Fld_Create(name, OFTString);
            OGR_L_CreateField(layer_, field, TRUE);
            OGR_Fld_Destroy(field);
        }
        if (OGR_L_StartTransaction(layer_) != OGRERR_NONE)
            throw std::runtime_error("no transaction in " + path);
    }
    ~FieldLayer() {
        if (OGR_L_CommitTransaction(layer_) != OGRERR_NONE)
            std::cerr << "chip_fields: the layer is not whole\n";
        OGR_DS_Destroy(source_);
    }
    FieldLayer(const FieldLayer&) = delete;
    FieldLayer& operator=(const FieldLayer&) = delete;

    void add(int number, const std::string& code, OGRGeometryH shape) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer_));
        OGR_F_SetFieldString(feature, 0, fmt::format("p{}", number).c_str());
        OGR_F_SetFieldString(feature, 1, code.c_str());
        if (shape != nullptr) OGR_F_SetGeometryDirectly(feature, shape);
        if (OGR_L_CreateFeature(layer_, feature) != OGRERR_NONE)
            throw std::runtime_error("cannot write a field");
        OGR_F_Destroy(feature);
    }

 private:
    OGRDataSourceH source_ = nullptr;
    OGRLayerH layer_ = nullptr;
};

void make(const std::string& path, int count) {
    const char* const codes[] = {"3303050000", "3303060000", "3303010200", "3303030100",
                                 "3301010101", "3301020600", "3301280000", "3301110000"};
    FieldLayer layer(path);
    std::mt19937 random(5);
    const auto uniform = [&](double low, double high) {
        return low + (high - low) * static_cast<double>(random()) / 4294967296.;
    };
    for (int number = 0; number < count;) {
        const Point village{uniform(kWest, kEast), uniform(kSouth, kNorth)};
        const double height = kFieldDeg * std::cos(village.y * std::numbers::pi / 180);
        for (int i = 0; i < kSide * kSide && number < count; ++i, ++number) {
            const Point corner{village.x + i % kSide * kFieldDeg, village.y + i / kSide * height};
            const bool empty = random() % 1000 == 0;
            layer.add(number, codes[random() % 8],
                      empty ? nullptr : shape_of(kind_of(random()), corner, kFieldDeg, height));
        }
    }
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 3) {
        std::cerr << "usage: chip_fields FILE.gpkg COUNT\n";
        return 2;
    }
    make(argv[1], std::stoi(argv[2]));
    return 0;
} catch (const std::exception& error) {
    std::cerr << "chip_fields: " << error.what() << '\n';
    return 1;
}

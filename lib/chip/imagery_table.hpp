// SPDX-License-Identifier: Apache-2.0
// How collections name their bands and store their numbers.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hls::chip {

enum class ImageryKind { sentinel2, hls };

// Where the offset of processing baseline 04.00 is known from: always in the pixels from that
// baseline on, only where neither the item's flag nor the pixels say otherwise, or never there.
enum class OffsetRule { baseline, flag_and_pixels, none };

// Assets of a collection's items.
struct CollectionLayout {
    ImageryKind kind = ImageryKind::sentinel2;
    OffsetRule offset = OffsetRule::baseline;
    std::string quality;                       // asset key of SCL or Fmask
    std::map<std::string, std::string> bands;  // common band name -> asset key
};

// Bands of a chip, in order, by common name.
struct BandProfile {
    std::string name;
    ImageryKind kind = ImageryKind::sentinel2;
    int pixel_m = 10;
    std::vector<std::string> bands;
};

struct ImageryTable {
    std::map<std::string, CollectionLayout> layouts;
    std::map<std::string, std::string> collections;  // collection -> layout
    std::map<std::string, BandProfile> profiles;
    std::map<std::string, double> wavelength_um;

    // Throws Error{usage} naming what is known.
    const BandProfile& profile(const std::string& name) const;
    // Throws Error{bad_input} for a collection without layout.
    const CollectionLayout& layout_of(const std::string& collection) const;
};

// A table like share/chip/imagery.json. Throws Error{bad_input} naming `source`.
ImageryTable parse_imagery_table(std::string_view text, const std::string& source);

}  // namespace hls::chip

// SPDX-License-Identifier: Apache-2.0
// How collections name their bands and store their numbers.
#pragma once

#include <functional>
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

// A STAC API and what it can be asked.
struct Catalogue {
    std::string name;
    std::string url;  // without "/search"
    std::vector<std::string> collections;
    std::map<std::string, std::string> other_names;  // collection -> what it was called before
    int page_items = 100;
    bool cloud_query = true;    // knows eo:cloud_cover in "query"
    std::string tile_property;  // to ask for one tile; empty: only the place can be asked
    std::string tile_prefix;    // before the tile's name in it
};

// What servers want for their files. A host is one of `hosts` or within it.
struct AccessRule {
    std::vector<std::string> hosts;
    std::string sas;         // where tokens come from; {collection} is replaced
    bool earthdata = false;  // bearer token of Earthdata Login
};

struct ImageryTable {
    std::map<std::string, CollectionLayout> layouts;
    // Collection -> layouts, of which the first that fits an item's assets is its own.
    std::map<std::string, std::vector<std::string>> collections;
    std::map<std::string, BandProfile> profiles;
    std::map<std::string, double> wavelength_um;
    std::map<std::string, Catalogue> catalogues;
    std::vector<AccessRule> access;
    std::map<std::string, std::string> buckets;  // public bucket of S3 -> its https address

    // Throws Error{usage} naming what is known.
    const BandProfile& profile(const std::string& name) const;
    // Of the collection, with the quality layer among `has_asset`; the first if none has it. Throws
    // Error{bad_input} for a collection without layout.
    const CollectionLayout& layout_of(
        const std::string& collection,
        const std::function<bool(const std::string& key)>& has_asset) const;
    // By name or address; an address that is not listed is taken for a STAC API that can be asked
    // for clouds. Throws Error{usage}.
    Catalogue catalogue(const std::string& name_or_url) const;
};

// A table like share/chip/imagery.json. Throws Error{bad_input} naming `source`.
ImageryTable parse_imagery_table(std::string_view text, const std::string& source);

}  // namespace hls::chip

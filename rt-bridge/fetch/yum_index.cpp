// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt-bridge/fetch/yum_index.hpp"

#include <algorithm>

#include "backends/bundle/xml.hpp"
#include "backends/bundle/xml_stream.hpp"
#include "core/model/text.hpp"
#include "rt-bridge/fetch/reference.hpp"

namespace fetch {
namespace {

using bundle::Element;
using bundle::XmlAttributes;

/// Longer than any number or digest, whatever blanks are around it.
constexpr std::size_t longest_text = 1024;

core::Refused invalid(const std::string& where, std::uint64_t line, const std::string& what) {
    return invalid_index(where, "line " + std::to_string(line) + what,
                         "Make the repository's index anew with createrepo_c.");
}

std::uint64_t number(std::string_view text, const std::string& where, std::uint64_t line) {
    text = core::trimmed(text);
    if (const auto value = core::whole_number(text)) return *value;
    throw invalid(where, line, ": \"" + core::escaped(text.substr(0, 40)) + "\" is no size");
}

core::Digest sha256(std::string_view type, std::string_view text, const std::string& where,
                    std::uint64_t line) {
    if (type != "sha256") {
        throw invalid(
            where, line,
            ": a " + core::escaped(type.substr(0, 40)) + " checksum; only sha256 is accepted");
    }
    try {
        return core::Digest::parse(core::lower(core::trimmed(text)));
    } catch (const core::Error&) {
        throw invalid(where, line, " has no SHA-256 checksum");
    }
}

// repomd.xml, which is small, as a tree

Element root_of(const std::string& text, const std::string& where) {
    bundle::XmlDocument document = bundle::parse_xml(text, where);
    if (core::has_errors(document.report)) throw core::Refused(document.report);
    if (document.roots.empty()) throw invalid_index(where, "it is empty");
    return std::move(document.roots.front());
}

const Element& child(const Element& parent, std::string_view name, const std::string& where) {
    for (const Element& element : parent.children) {
        if (element.local_name == name) return element;
    }
    throw invalid(where, static_cast<std::uint64_t>(parent.line),
                  ": " + core::escaped(parent.name) + " has no " + std::string(name));
}

std::string attribute(const Element& element, std::string_view name, const std::string& where) {
    if (const std::string* value = element.attribute(name)) return *value;
    throw invalid(where, static_cast<std::uint64_t>(element.line),
                  ": " + core::escaped(element.name) + " has no " + std::string(name));
}

std::string href_of(const Element& parent, const std::string& where) {
    const Element& location = child(parent, "location", where);
    for (const bundle::Attribute& entry : location.attributes) {
        if (entry.local_name == "base") {
            throw invalid_index(where, "it points to another repository");
        }
    }
    std::string href = attribute(location, "href", where);
    check_reference(href, core::escaped(where));
    return href;
}

/// Some makers write it with a fraction. None if one of them is no number.
std::optional<core::Time> newest_timestamp(const Element& repomd) {
    constexpr std::uint64_t latest = 253'402'300'799;  // of the year 9999
    std::optional<std::uint64_t> newest;
    for (const Element& data : repomd.children) {
        for (const Element& stamp : data.children) {
            if (stamp.local_name != "timestamp") continue;
            const auto value = core::whole_number(
                core::trimmed(std::string_view(stamp.text).substr(0, stamp.text.find('.'))));
            if (!value) return std::nullopt;
            newest = std::max(newest.value_or(0), std::min(*value, latest));
        }
    }
    if (!newest) return std::nullopt;
    return core::Time(std::chrono::seconds(*newest));
}

// The primary index, which may be large, as a stream

struct Package {
    std::uint64_t begin = 0;
    std::uint64_t line = 0;
    std::optional<std::string> type;  // of its checksum
    std::string digest;
    std::optional<std::string> size;
    std::optional<std::string> href;
    bool in_digest = false;
};

/// Looks for what stands directly in each package: its checksum, size and location. The first one
/// of each counts.
class Primary : public bundle::XmlSink {
  public:
    Primary(const archive::Source& source, const std::string& where, PackageList& list)
        : source_(source), where_(where), list_(list), stream_(*this, where, {}) {}

    void read() {
        list_.read(source_, where_, [&](std::string_view block) {
            stream_.feed(block);
            list_.check_parts(stream_.nodes(), where_);
            const std::uint64_t end = stream_.position();
            if (package_ && end - package_->begin > most_package_bytes) {
                throw too_large_index(where_,
                                      "line " + std::to_string(package_->line) +
                                          ": a package has more than " +
                                          std::to_string(most_package_bytes) + " bytes",
                                      {});
            }
        });
        stream_.finish();
    }

  private:
    void begin(std::string_view name, const XmlAttributes& attributes) override {
        ++depth_;
        if (depth_ == 2 && name == "package") {
            list_.count_package(where_);
            package_.emplace();
            package_->begin = stream_.position();
            package_->line = stream_.line();
        } else if (depth_ == 3 && package_) {
            begin_part(name, attributes);
        }
    }

    void begin_part(std::string_view name, const XmlAttributes& attributes) {
        if (name == "checksum" && !package_->type) {
            package_->type = needed(attributes, name, "type");
            package_->in_digest = true;
        } else if (name == "size" && !package_->size) {
            package_->size = needed(attributes, name, "package");
        } else if (name == "location" && !package_->href) {
            if (attributes.find("base")) {
                throw invalid(where_, stream_.line(), ": it points to another repository");
            }
            package_->href = needed(attributes, name, "href");
        }
    }

    std::string needed(const XmlAttributes& attributes, std::string_view element,
                       std::string_view name) const {
        if (const auto value = attributes.find(name)) return std::string(*value);
        throw invalid(where_, stream_.line(),
                      ": " + std::string(element) + " has no " + std::string(name));
    }

    void text(std::string_view piece) override {
        if (depth_ != 3 || !package_ || !package_->in_digest) return;
        package_->digest += piece.substr(0, longest_text - package_->digest.size());
    }

    void end(std::string_view) override {
        if (depth_ == 3 && package_) package_->in_digest = false;
        if (depth_ == 2 && package_) add_package(*std::exchange(package_, std::nullopt));
        --depth_;
    }

    void add_package(const Package& package) {
        const auto needed_part = [&](const std::optional<std::string>& part, const char* name) {
            if (part) return *part;
            throw invalid(where_, package.line, std::string(": package has no ") + name);
        };
        const std::string type = needed_part(package.type, "checksum");
        const Expected expected{sha256(type, package.digest, where_, package.line),
                                number(needed_part(package.size, "size"), where_, package.line)};
        list_.add(needed_part(package.href, "location"), expected, where_);
    }

    const archive::Source& source_;
    const std::string& where_;
    PackageList& list_;
    bundle::XmlStream stream_;
    std::size_t depth_ = 0;
    std::optional<Package> package_;  // that is open
};

}  // namespace

Repomd parse_repomd(const std::string& text, const std::string& where) {
    const Element root = root_of(text, where);
    for (const Element& data : root.children) {
        const std::string* type = data.attribute("type");
        if (data.local_name != "data" || type == nullptr || *type != "primary") continue;
        const Element& checksum = child(data, "checksum", where);
        const Element& size = child(data, "size", where);
        const auto line = static_cast<std::uint64_t>(checksum.line);
        return {href_of(data, where),
                {sha256(attribute(checksum, "type", where), checksum.text, where, line),
                 number(size.text, where, static_cast<std::uint64_t>(size.line))},
                newest_timestamp(root)};
    }
    throw invalid_index(where, "it names no primary index");
}

void read_primary(const archive::Source& source, const std::string& where, PackageList& list) {
    Primary(source, where, list).read();
}

}  // namespace fetch

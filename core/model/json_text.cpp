// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/json_text.hpp"

#include <string>
#include <utility>
#include <vector>

#include "core/model/error.hpp"
#include "core/model/text.hpp"

namespace core {
namespace {

/// Builds the tree as the parser tells of its parts. The library's own way to look at them while it
/// builds (a callback) goes through all elements of a list at the end of each.
class JsonBuilder : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit JsonBuilder(const JsonLimits& limits) : limits_(limits) {}

    bool null() override { return add(nullptr) != nullptr; }
    bool boolean(bool value) override { return add(value) != nullptr; }
    bool number_integer(number_integer_t value) override { return add(value) != nullptr; }
    bool number_unsigned(number_unsigned_t value) override { return add(value) != nullptr; }
    bool number_float(number_float_t value, const string_t&) override {
        return add(value) != nullptr;
    }
    bool string(string_t& value) override { return add(std::move(value)) != nullptr; }
    bool binary(binary_t&) override { return false; }  // JSON has none

    bool start_object(std::size_t) override { return open(nlohmann::json::object()); }
    bool start_array(std::size_t) override { return open(nlohmann::json::array()); }
    bool key(string_t& name) override {
        name_ = std::move(name);
        return true;
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool parse_error(std::size_t, const std::string&,
                     const nlohmann::detail::exception& error) override {
        // It ends with what was read last, which may be a megabyte.
        fault_ = escaped(std::string_view(error.what()).substr(0, 300));
        return false;
    }

    const std::string& fault() const { return fault_; }
    nlohmann::json take() { return std::move(root_); }

  private:
    nlohmann::json* add(nlohmann::json value) {
        if (++values_ > limits_.values) {
            fault_ = "it has more than " + std::to_string(limits_.values) + " values";
            return nullptr;
        }
        if (open_.empty()) return &(root_ = std::move(value));
        nlohmann::json& parent = *open_.back();
        if (parent.is_object()) return &(parent[std::move(name_)] = std::move(value));
        parent.push_back(std::move(value));
        return &parent.back();
    }

    /// The parent does not change while a child of it is open: the pointers stay valid.
    bool open(nlohmann::json value) {
        if (open_.size() >= limits_.depth) {
            fault_ = "it is nested more than " + std::to_string(limits_.depth) + " deep";
            return false;
        }
        nlohmann::json* opened = add(std::move(value));
        if (opened != nullptr) open_.push_back(opened);
        return opened != nullptr;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    JsonLimits limits_;
    nlohmann::json root_;
    std::vector<nlohmann::json*> open_;
    std::string name_;
    std::size_t values_ = 0;
    std::string fault_;
};

}  // namespace

nlohmann::json parse_json(std::string_view text, std::string_view what, const JsonLimits& limits) {
    JsonBuilder builder(limits);
    if (nlohmann::json::sax_parse(text, &builder)) return builder.take();
    throw Error(std::string(what) + " is damaged: " + builder.fault());
}

}  // namespace core

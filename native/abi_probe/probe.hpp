// The ABI probe: objects that write down what they are asked and answer with values nobody would guess,
// and callers that ask with such values and write down the answers. C# does the same on its side and compares the texts.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace probe
{
/// Two rounds with distinct values, and a third (2) in which everything that may be missing is missing.
int round();

/// What one side of a call wrote down.
struct Record
{
    void const* self = nullptr;
    std::string arguments;
    std::string results;
};

/// Side 0 is the called object, 1 the caller.
Record& record(int side, int id);

void deleted(void* object);

[[noreturn]] void unreachable(char const* function);

/// A new object of a class.
template <class T> T* fresh();

/// The numbers of an enumeration.
template <class E> struct Values;

/// A text that stays.
char const* text(int seed);

/// Writes one call down, and makes its values: each differs from all others of the call and of other calls.
class Rec
{
public:
    Rec(int side, void const* self, int id);

    int n() const { return 2 + round() % 2; }
    bool failing() const { return round() == 2; }
    void results() { out = &kept.results; }
    void open() { out->append("("); }
    void close() { out->append("),"); }

    // Writing down.
    template <class T> void i(T value) { put(std::to_string(value)); }
    template <class E> void e(E value) { put(std::to_string(static_cast<long long>(value))); }
    void m(uint32_t value) { put(std::to_string(value)); }
    void b(bool value) { put(value ? "1" : "0"); }
    void f(double value) { put(std::to_string(static_cast<long long>(value * 2))); }
    void s(char const* value) { put(value ? "'" + std::string(value) + "'" : "''"); }
    void a(void const* value);
    template <class T> void extra(T const& value) { put(value == T{} ? "0" : "not zero"); }
    void truth(bool value) { if (!value) put("false"); }
    /// An array whose length nobody tells: its address.
    void unsized(void const* value) { out->append("u:"); a(value); }

    template <class T> void dims(T const& value)
    {
        if (value.nbDims < 0 || value.nbDims > 8)
        {
            put(value.nbDims == -1 ? "[?]" : "[" + std::to_string(value.nbDims) + " axes]");
            return;
        }
        std::string text = "[";
        for (int axis = 0; axis < value.nbDims; ++axis) text += std::to_string(value.d[axis]) + ";";
        put(text + "]");
    }
    template <class T> void perm(T const& value)
    {
        open();
        for (auto one : value.order) i(one);
        close();
    }
    template <class T> void weights(T const& value) { open(); e(value.type); a(value.values); i(value.count); close(); }
    template <class T> void info(T const& value) { open(); s(value.kind); i(value.major); i(value.minor); close(); }
    template <class T> void fields(T const* value)
    {
        if (!value)
        {
            put("none");
            return;
        }
        open();
        for (int one = 0; one < value->nbFields && one < 8; ++one)
        {
            s(value->fields[one].name);
            a(value->fields[one].data);
            e(value->fields[one].type);
            i(value->fields[one].length);
        }
        close();
    }
    template <class T> void desc(T const& value) { open(); dims(value.dims); e(value.type); e(value.format); f(value.scale); close(); }
    template <class T> void dyn(T const& value)
    {
        open(); desc(value.desc); dims(value.min); dims(value.max);
        if constexpr (requires_opt<T>(0)) dims(value.opt);
        close();
    }
    template <class T> void exprs(T const& value)
    {
        open();
        for (int axis = 0; axis < value.nbDims && axis < 8; ++axis) a(value.d[axis]);
        close();
    }
    template <class T> void key(T const& value) { open(); for (auto one : value.data) i(static_cast<int>(one)); close(); }
    template <class T> void timing(T const& value) { open(); i(value.tacticHash); f(value.timingMSec); close(); }
    template <class T> void refit(T const& value)
    {
        open(); s(value.trtName); e(value.kind); i(value.onnxDtype); e(value.trtDtype); i(value.count); i(value.nbSources);
        a(value.sourceOnnxNames); f(value.epsilon); a(value.fixedData); i(value.fixedDataSize); close();
    }
    template <class T, class F> void all(T* values, int count, F show)
    {
        open();
        for (int one = 0; values && one < count; ++one) show(values[one]);
        close();
    }
    /// A number of elements that the other side passed: no more than it can be.
    template <class T> int count(T value)
    {
        if (value >= 0 && value <= 8) return static_cast<int>(value);
        put("count " + std::to_string(value));
        return 0;
    }
    /// The same through a pointer.
    template <class T> int count(T* value) { return count(*value); }

    // Making.
    template <class T> T mi()
    {
        int const one = seed();
        T value;
        if constexpr (sizeof(T) == 1) value = static_cast<T>(1 + one % 100);
        else if constexpr (sizeof(T) == 2) value = static_cast<T>(256 + one);
        else if constexpr (sizeof(T) == 4) value = static_cast<T>(0x01000000 + one);
        else value = static_cast<T>(0x0123400000000000ll + one);
        if (failing() && std::is_signed_v<T> && sizeof(T) > 1) value = static_cast<T>(-value);
        i(value);
        return value;
    }
    bool mb() { bool const value = (seed() / 16 + round()) % 2 != 0; b(value); return value; }
    template <class T> T mf() { T const value = static_cast<T>(seed()) + static_cast<T>(0.5); f(value); return value; }
    char const* ms() { if (failing()) { s(nullptr); return nullptr; } return ms1(); }
    char const* ms1() { char const* value = text(seed()); s(value); return value; }
    template <class T> T ma() { T value = reinterpret_cast<T>(static_cast<uintptr_t>(0x700000000000ll + 64ll * seed())); a(value); return value; }
    template <class E> E me()
    {
        constexpr int many = sizeof(Values<E>::all) / sizeof(int);
        E const value = static_cast<E>(Values<E>::all[(round() == 1 ? many - 1 : seed() * 7) % many]);
        e(value);
        return value;
    }
    template <class E> uint32_t mm()
    {
        constexpr int many = sizeof(Values<E>::all) / sizeof(int);
        uint32_t const value = (1u << Values<E>::all[seed() % many]) | (round() == 1 ? 1u << Values<E>::all[many - 1] : 0u);
        m(value);
        return value;
    }
    template <class T> T* mo(bool nullable)
    {
        T* const value = nullable && failing() ? nullptr : fresh<T>();
        a(value);
        return value;
    }
    template <class T> T mdims() { T value = newdims<T>(); dims(value); return value; }
    template <class T> T smalldims()
    {
        T value{};
        value.nbDims = 1;
        value.d[0] = n();
        dims(value);
        return value;
    }
    template <class T> T small() { i(static_cast<T>(n())); return static_cast<T>(n()); }
    template <class T> T mperm() { T value; for (auto& one : value.order) one = seed(); perm(value); return value; }
    template <class T> T mweights() { T value = newweights<T>(); weights(value); return value; }
    template <class T> T minfo() { T value; value.kind = text(seed()); value.major = seed(); value.minor = seed(); info(value); return value; }
    template <class T> T const* mfields()
    {
        if (failing()) { fields(static_cast<T const*>(nullptr)); return nullptr; }
        return mfields1<T>();
    }
    template <class T> T const* mfields1()
    {
        using Field = std::remove_const_t<std::remove_pointer_t<decltype(T::fields)>>;
        auto* const list = new Field[4]{};
        for (int one = 0; one < n(); ++one)
        {
            list[one].name = text(seed());
            list[one].data = reinterpret_cast<void const*>(static_cast<uintptr_t>(0x710000000000ll + 64ll * seed()));
            list[one].type = static_cast<decltype(list[one].type)>(seed() % 8);
            list[one].length = seed();
        }
        auto* const value = new T{};
        value->nbFields = n();
        value->fields = list;
        fields(value);
        return value;
    }
    template <class T> T mdesc() { T value = newdesc<T>(); desc(value); return value; }
    template <class T> T mdyn()
    {
        T value{};
        value.desc = newdesc<decltype(value.desc)>();
        value.min = newdims<decltype(value.min)>();
        value.max = newdims<decltype(value.max)>();
        if constexpr (requires_opt<T>(0)) value.opt = newdims<decltype(value.min)>();
        dyn(value);
        return value;
    }
    template <class T> T mexprs()
    {
        using Expression = std::remove_const_t<std::remove_pointer_t<std::remove_reference_t<decltype(T{}.d[0])>>>;
        T value{};
        value.nbDims = n();
        for (int axis = 0; axis < n(); ++axis) value.d[axis] = fresh<Expression>();
        exprs(value);
        return value;
    }
    template <class T> T mkey() { T value; for (auto& one : value.data) one = static_cast<uint8_t>(seed() * 5 + seed() / 7); key(value); return value; }
    template <class T> T mtiming() { T value{}; value.tacticHash = 0xFEDC000000000000ull + seed(); value.timingMSec = seed() + 0.5f; timing(value); return value; }
    template <class T> T mrefit()
    {
        T value{};
        value.trtName = text(seed());
        value.kind = static_cast<decltype(value.kind)>(Values<decltype(value.kind)>::all[0]);
        value.onnxDtype = seed();
        value.trtDtype = static_cast<decltype(value.trtDtype)>(Values<decltype(value.trtDtype)>::all[3]);
        value.count = 0x0300000000ll + seed();
        value.nbSources = seed();
        value.sourceOnnxNames = reinterpret_cast<char const* const*>(static_cast<uintptr_t>(0x720000000000ll + seed()));
        value.epsilon = seed() + 0.5f;
        value.fixedData = reinterpret_cast<void const*>(static_cast<uintptr_t>(0x730000000000ll + seed()));
        value.fixedDataSize = 0x0500000000ull + seed();
        refit(value);
        return value;
    }
    /// What a call answers that may fail.
    bool ok() { return !failing(); }
    template <class E> E layer(E value) { e(value); return value; }
    template <class T> T const& keep(T const& value) { return *new T(value); }
    template <class T, class F> T* many(F make)
    {
        T* const values = new T[4]{};
        open();
        for (int one = 0; one < n(); ++one) values[one] = make();
        close();
        return values;
    }
    template <class T, class C, class F> T* array(C* count, F make)
    {
        if (count) *count = failing() ? 0 : n();
        if (failing())
        {
            put("()");
            return nullptr;
        }
        return many<T>(make);
    }
    template <class T, class F> void fill(T* values, int count, F make)
    {
        open();
        for (int one = 0; one < count; ++one) values[one] = make();
        close();
    }

private:
    int seed() { return id * 16 + next++ + round() * 7; }
    void put(std::string const& value) { out->append(value).append(","); }
    template <class T> static constexpr auto requires_opt(int) -> decltype(std::declval<T>().opt, true) { return true; }
    template <class T> static constexpr bool requires_opt(...) { return false; }
    template <class T> T newdims()
    {
        T value{};
        value.nbDims = failing() ? -1 : 2 + next % 4;
        for (int axis = 0; axis < 8; ++axis) value.d[axis] = static_cast<std::remove_reference_t<decltype(value.d[0])>>((sizeof(value.d[0]) == 8 ? 0x0200000000ll : 0) + id * 16 + axis + 100 * next);
        ++next;
        return value;
    }
    template <class T> T newweights()
    {
        T value{};
        constexpr int many = sizeof(Values<decltype(value.type)>::all) / sizeof(int);
        value.type = static_cast<decltype(value.type)>(Values<decltype(value.type)>::all[seed() % many]);
        value.values = reinterpret_cast<void const*>(static_cast<uintptr_t>(0x740000000000ll + 64ll * seed()));
        value.count = 0x0400000000ll + seed();
        return value;
    }
    template <class T> T newdesc()
    {
        T value{};
        constexpr int types = sizeof(Values<decltype(value.type)>::all) / sizeof(int);
        constexpr int formats = sizeof(Values<decltype(value.format)>::all) / sizeof(int);
        value.dims = newdims<decltype(value.dims)>();
        value.type = static_cast<decltype(value.type)>(Values<decltype(value.type)>::all[seed() % types]);
        value.format = static_cast<decltype(value.format)>(Values<decltype(value.format)>::all[seed() % formats]);
        value.scale = seed() + 0.5f;
        return value;
    }

    Record& kept;
    std::string* out;
    int id;
    int next = 0;
};

/// Sizes and offsets of structures, a line each.
class Layouts
{
public:
    template <class T> void add(char const* name)
    {
        lines += "\n" + std::string(name) + " " + std::to_string(sizeof(T)) + " " + std::to_string(alignof(T));
    }
    void field(char const* name, size_t offset) { lines += " " + std::string(name) + ":" + std::to_string(offset); }
    std::string lines;
};

/// The objects and callers of one release, known to the exported functions from the start of the library.
struct Release
{
    Release(int index, void* (*make)(int), void (*call)(int, int, void*), void (*destroy)(int, void*), void (*layouts)(Layouts&), int const* members);
};
}

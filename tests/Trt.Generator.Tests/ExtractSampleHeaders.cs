namespace Trt.Generator.Tests;

/// <summary>A small API of the tests' own, in files named as TensorRT's headers are, so that extraction is tested without NVIDIA's.</summary>
internal sealed class ExtractSampleHeaders : IDisposable
{
    public ExtractSampleHeaders()
    {
        Folder = Directory.CreateTempSubdirectory("trt-headers-").FullName;
        Write("NvInferVersion.h", """
            #pragma once
            #define NV_TENSORRT_MAJOR 10
            #define NV_TENSORRT_MINOR 17
            #define NV_TENSORRT_PATCH 2
            #define NV_TENSORRT_BUILD 5
            #define NV_TENSORRT_VERSION (NV_TENSORRT_MAJOR * 10000L + NV_TENSORRT_MINOR * 100L + NV_TENSORRT_PATCH)
            """);
        Write("NvInfer.h", """
            #pragma once
            #include <cstdint>
            #include "NvInferVersion.h"
            namespace nvinfer1
            {
            enum class Color : int32_t { kRED, kGREEN = 4, kBLUE, kAZURE = kBLUE };
            using Colors = uint32_t;
            using Text = char const*;
            struct Box { int32_t count; int64_t sides[3]; Text name; };
            class IThing;
            namespace apiv
            {
            class VRoot { public: virtual ~VRoot() noexcept = default; };
            class VThing : public VRoot
            {
            public:
                virtual Box measure(Box const& box, float scale) const noexcept = 0;
                virtual bool paint(Color color) noexcept = 0;
                virtual bool paint(Colors colors, int32_t layers) noexcept = 0;
                virtual void close() = 0;
            };
            } // namespace apiv
            class INoCopy { protected: virtual ~INoCopy() noexcept = default; };
            class IThing : public INoCopy
            {
            public:
                Box measure(Box const& box, float scale = 2) const noexcept { return mImpl->measure(box, scale); }
                bool paint(Color color = Color::kGREEN) noexcept { return mImpl->paint(color); }
                [[deprecated]] bool paintAll() noexcept { return mImpl->paint(7U, 1); }
            protected:
                apiv::VThing* mImpl;
            };
            namespace v_1_0
            {
            class IListener
            {
            public:
                virtual void heard(Text text, IThing* const* things, int32_t count) = 0;
                virtual int32_t limit() const noexcept { return -3; }
                virtual bool again(bool loud) noexcept { return limit2(loud); }
                virtual bool limit2(bool loud) noexcept { (void) loud; return true; }
                virtual ~IListener() noexcept = default;
            };
            } // namespace v_1_0
            using IListener = v_1_0::IListener;
            } // namespace nvinfer1
            extern "C" void* makeThing(nvinfer1::IListener& listener, int32_t version) noexcept;
            """);
        Write("NvInferPluginUtils.h", "#pragma once\n");
        Write("NvInferPlugin.h", "#pragma once\n#include <cstdint>\nextern \"C\" bool initThings(void* logger, char const* name);\n");
        Write("NvOnnxParser.h", "#pragma once\n");
    }

    public string Folder { get; }

    public void Write(string name, string text) => File.WriteAllText(Path.Combine(Folder, name), text);

    public void Replace(string name, string old, string text) =>
        Write(name, File.ReadAllText(Path.Combine(Folder, name)).Replace(old, text, StringComparison.Ordinal));

    /// <summary>Line of the first occurrence of a text, from 1.</summary>
    public int LineOf(string name, string text) =>
        Array.FindIndex(File.ReadAllLines(Path.Combine(Folder, name)), line => line.Contains(text, StringComparison.Ordinal)) + 1;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

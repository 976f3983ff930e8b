using System.Runtime.CompilerServices;
using System.Text.Json;
using Trt.Cpu.OnnxRuntime.Native;
using Xunit;

namespace Trt.Cpu.Tests.OnnxRuntime;

/// <summary>The generated structs and enums against the model that a C++ compiler made.</summary>
public class OrtLayoutTests
{
    private static readonly Dictionary<string, int> Sizes = new()
    {
        [nameof(OrtAllocator)] = Unsafe.SizeOf<OrtAllocator>(),
        [nameof(OrtCUDAProviderOptions)] = Unsafe.SizeOf<OrtCUDAProviderOptions>(),
        [nameof(OrtROCMProviderOptions)] = Unsafe.SizeOf<OrtROCMProviderOptions>(),
        [nameof(OrtTensorRTProviderOptions)] = Unsafe.SizeOf<OrtTensorRTProviderOptions>(),
        [nameof(OrtMIGraphXProviderOptions)] = Unsafe.SizeOf<OrtMIGraphXProviderOptions>(),
        [nameof(OrtOpenVINOProviderOptions)] = Unsafe.SizeOf<OrtOpenVINOProviderOptions>(),
        [nameof(OrtCustomHandleType)] = Unsafe.SizeOf<OrtCustomHandleType>(),
        [nameof(OrtThreadPoolCallbacksConfig)] = Unsafe.SizeOf<OrtThreadPoolCallbacksConfig>(),
        [nameof(OrtExternalMemoryDescriptor)] = Unsafe.SizeOf<OrtExternalMemoryDescriptor>(),
        [nameof(OrtExternalSemaphoreDescriptor)] = Unsafe.SizeOf<OrtExternalSemaphoreDescriptor>(),
        [nameof(OrtGraphicsInteropConfig)] = Unsafe.SizeOf<OrtGraphicsInteropConfig>(),
        [nameof(OrtExternalTensorDescriptor)] = Unsafe.SizeOf<OrtExternalTensorDescriptor>(),
        [nameof(OrtEnvCreationOptions)] = Unsafe.SizeOf<OrtEnvCreationOptions>(),
        [nameof(OrtCustomOp)] = Unsafe.SizeOf<OrtCustomOp>(),
    };

    [Fact]
    public void StructsHaveTheSizesOfTheHeader()
    {
        using JsonDocument model = JsonDocument.Parse(File.ReadAllText(NewestModel()));
        Dictionary<string, int> expected = model.RootElement.GetProperty("structs").EnumerateArray()
            .ToDictionary(item => item.GetProperty("name").GetString()!, item => item.GetProperty("size").GetInt32());
        Assert.Equal(expected.OrderBy(pair => pair.Key), Sizes.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void EveryFunctionOfEveryTableIsThere()
    {
        using JsonDocument model = JsonDocument.Parse(File.ReadAllText(NewestModel()));
        foreach (JsonElement table in model.RootElement.GetProperty("tables").EnumerateArray())
        {
            string name = table.GetProperty("name").GetString()!;
            string generated = File.ReadAllText(Checkout.Path("bindings", "generated", "onnxruntime", name + ".cs"));
            foreach (JsonElement function in table.GetProperty("functions").EnumerateArray())
            {
                string member = function.GetProperty("name").GetString()!;
                int slot = function.GetProperty("slot").GetInt32();
                int start = generated.IndexOf($" {member}(", generated.IndexOf($"// slot {slot}: ", StringComparison.Ordinal) is var at and >= 0 ? at : generated.Length, StringComparison.Ordinal);
                Assert.True(start >= 0 && generated.IndexOf($"table[{slot}])(", start, StringComparison.Ordinal) is var call and >= 0 && call - start < 1500, $"{name}::{member} does not call slot {slot}.");
            }
        }
    }

    private static string NewestModel() => Directory.EnumerateFiles(Checkout.Path("bindings", "models"), "onnxruntime-*.json")
        .MaxBy(path => Version.Parse(Path.GetFileNameWithoutExtension(path)["onnxruntime-".Length..]))!;
}

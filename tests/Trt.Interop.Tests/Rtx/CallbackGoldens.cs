using System.Text.Json;
using Trt.Tests.Goldens;

namespace Trt.Interop.Tests.Rtx;

/// <summary>What the library called, in which order and with what, in scenarios of a caller that shares nothing with the bindings.</summary>
internal static class CallbackGoldens
{
    private static readonly Lazy<JsonElement> File = new(() => GoldenFiles.ReadJson("callbacks_rtx-1.6.1_nogpu.json"));

    /// <summary>The facts of a scenario.</summary>
    public static JsonElement Facts(string scenario) => File.Value.GetProperty("scenarios").EnumerateArray()
        .First(one => one.GetProperty("scenario").GetString() == scenario).GetProperty("facts");
}

using System.Collections.Concurrent;
using Trt.Generator.Model;

namespace Trt.Generator.Tests;

/// <summary>The models in bindings/models, each read once.</summary>
internal static class ExtractedModels
{
    private static readonly ConcurrentDictionary<string, ApiModel> Loaded = new();

    public static string Folder { get; } = Checkout.Path("bindings", "models");

    /// <summary>Releases of TensorRT in their order.</summary>
    public static IReadOnlyList<string> TensorRtReleases { get; } =
        ["8.5.3", "8.6.0", "8.6.1", "10.0.1", .. Enumerable.Range(1, 16).Select(minor => $"10.{minor}"), "11.0", "11.1"];

    public static ApiModel TensorRt(string release) => Load("tensorrt-" + release);

    public static ApiModel Rtx(string release) => Load("tensorrt-rtx-" + release);

    public static ApiModel Load(string name) => Loaded.GetOrAdd(name, key => ApiModelReader.Load(Path.Combine(Folder, key + ".json")));

    /// <summary>A class by the end of its name, version namespaces skipped: <c>IErrorRecorder</c>, <c>apiv::VRuntime</c>.</summary>
    public static ClassModel Class(this ApiModel model, string name) =>
        model.Classes.SingleOrDefault(item => item.Name.EndsWith("::v_1_0::" + name, StringComparison.Ordinal))
        ?? model.Classes.Single(item => item.Name.EndsWith("::" + name, StringComparison.Ordinal));

    public static ClassModel Implementation(this ApiModel model, string name) => model.Classes.Single(item => item.Name == "nvinfer1::apiv::" + name);

    /// <summary>Linux and Windows slot of a method, picked among overloads by its parameters' number.</summary>
    public static (int Linux, int Msvc) Slot(this ClassModel type, string method, int? parameters = null)
    {
        MethodModel found = type.Methods.Single(item => item.Name == method && (parameters is null || item.Parameters.Count == parameters));
        return (found.Linux!.Value, found.Msvc!.Value);
    }

    /// <summary>Names of virtual methods in the order of their Linux slots.</summary>
    public static IReadOnlyList<string> Order(this ClassModel type) =>
        [.. type.Methods.Where(item => item.Linux is not null).OrderBy(item => item.Linux).Select(Signature)];

    /// <summary>Name and parameter types: tells overloads apart.</summary>
    public static string Signature(MethodModel method) => $"{method.Name}({string.Join(", ", method.Parameters.Select(item => item.Type))})";

    public static EnumModel Enum(this ApiModel model, string name) => model.Enums.Single(item => item.Name == name);

    public static long Value(this ApiModel model, string type, string member) =>
        model.Enum(type).Members.Single(item => item.Name == member).Value;

    public static bool HasMember(this ApiModel model, string type, string member) => model.Enum(type).Members.Any(item => item.Name == member);

    public static StructModel Struct(this ApiModel model, string name) =>
        model.Structs.Single(item => item.Name == "nvinfer1::" + name || item.Name.EndsWith("_0::" + name, StringComparison.Ordinal));
}

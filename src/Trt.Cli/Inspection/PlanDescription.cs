using System.Text.Json;
using System.Text.Json.Nodes;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>Describes plans: what their heads and the JSON beside them say, and on demand what the library says that loads them.</summary>
internal static class PlanDescription
{
    public static Description Of(Session session, PlanHead head, string path, Parts parts)
    {
        Description description = new(path, "plan");
        BuildReport? report = Report(path, out string? problem);
        description.Facts.AddRange(
        [
            ("format", head.Format.ToString()),
            ("made by", head.Producer),
            ("release", head.Release?.ToString()),
            ("network", head.NetworkName),
            ("length", Units.Bytes(head.ActualLength ?? head.Length ?? new FileInfo(path).Length)),
            ("capability", string.Join(", ", head.ComputeCapabilities)),
            ("lean runtime", head.HasLeanRuntime ? "inside" : null),
            ("problem", string.Join(" ", new[] { head.Problem, problem }.Where(text => text is not null))),
        ]);
        if (report is not null)
        {
            Built(description, report);
        }

        if (parts.Layers)
        {
            Loaded(session, description, path, parts.Library, isKnown: report is not null);
        }
        else if (report is null)
        {
            description.Sum = "Tensors and layers: --show layers, with a library that can load the plan.";
        }

        description.Sections.Add(new Section("blocks", ["kind", "#bytes", "#offset"], [.. head.Blocks.Select(block => new object?[] { block.Kind.ToString(), block.Length, block.Offset })]));
        return description;
    }

    private static BuildReport? Report(string path, out string? problem)
    {
        problem = null;
        try
        {
            return EngineFile.Open(path).Report;
        }
        catch (EngineFileException error)
        {
            problem = error.Message;
            return null;
        }
    }

    /// <summary>What the JSON beside the plan says.</summary>
    private static void Built(Description description, BuildReport report)
    {
        description.Facts.AddRange(
        [
            ("built from", report.Source.Name),
            ("built at", report.BuiltAt.ToString("u")),
            ("built in", $"{report.Times.Sum(phase => phase.Seconds):0.##} s"),
            ("GPU", report.Gpu?.Name),
            ("layers", report.EngineLayers is { } layers ? $"{layers} of {report.NetworkLayers} in the network" : $"{report.NetworkLayers} in the network"),
            ("options", string.Join(", ", report.Options.Select(option => $"{option.Key}: {option.Value?.ToJsonString()}"))),
            ("warnings", string.Join("\n", report.Warnings)),
        ]);
        description.Sections.Add(new Section("inputs", ["name", "type", "shape", "format"], [.. report.Inputs.Select(Row)]));
        description.Sections.Add(new Section("outputs", ["name", "type", "shape", "format"], [.. report.Outputs.Select(Row)]));
        description.Sections.Add(new Section("profiles", ["profile", "input", "min", "opt", "max"], [.. report.Profiles.SelectMany((profile, index) => profile.Select(range => new object?[]
        {
            index.ToString(), range.Key, range.Value.Min, range.Value.Opt, range.Value.Max,
        }))]));

        static object?[] Row(TensorReport tensor) => [tensor.Name, tensor.Type.ToString(), tensor.Shape, tensor.Format];
    }

    /// <summary>What a library says that loads the plan.</summary>
    private static void Loaded(Session session, Description description, string path, string? choice, bool isKnown)
    {
        TensorRtLibrary library = session.Library(choice, path);
        using ICudaEngine engine = EngineFile.Load(path, library, session.Logger, new EngineLoadOptions { AllowHostCode = true });
        if (!isKnown)
        {
            string[] names = [.. Enumerable.Range(0, engine.NbIOTensors).Select(engine.GetIOTensorName)];
            description.Sections.Add(new Section("tensors", ["name", "mode", "type", "shape", "format"], [.. names.Select(name => new object?[]
            {
                name, engine.GetTensorIOMode(name) == TensorIOMode.Input ? "input" : "output", engine.GetTensorDataType(name).ToString(), engine.GetTensorShape(name).ToArray(), engine.GetTensorFormat(name).ToString(),
            })]));
        }

        using IEngineInspector inspector = engine.CreateEngineInspector();
        string text = inspector.GetEngineInformation(LayerInformationFormat.JSON);
        JsonArray layers;
        try
        {
            layers = JsonNode.Parse(text)?["Layers"] as JsonArray ?? [];
        }
        catch (JsonException error)
        {
            throw new UserError($"{library} describes the layers of {path} in a form that is no JSON: {error.Message}");
        }

        description.Sections.Add(new Section("layers", ["name", "type", "inputs", "outputs"], [.. layers.Select(layer => layer is JsonObject parts
            ? new object?[] { Text(parts["Name"]), Text(parts["LayerType"]), Tensors(parts["Inputs"]), Tensors(parts["Outputs"]) }
            : [Text(layer), null, null, null])]));
        if (layers.Count > 0 && layers.All(layer => layer is not JsonObject))
        {
            description.Sum = "Only the names: types and tensors of layers are in plans that were built with --profiling-verbosity detailed.";
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : node?.ToJsonString();

    private static string Tensors(JsonNode? node) => node is JsonArray tensors ? string.Join("\n", tensors.Select(tensor => $"{Text(tensor?["Name"])} {Text(tensor?["Dimensions"])} {Text(tensor?["Format/Datatype"])}".TrimEnd())) : string.Empty;
}

using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>A model that is compared: ONNX, weights, which are written as ONNX first, or a plan.</summary>
internal sealed class ComparedModel : IDisposable
{
    private readonly string? folder;
    private readonly bool isOwned;
    private byte[]? bytes;

    private ComparedModel(string path, OnnxModel? onnx, string? folder, bool isOwned = true)
    {
        this.isOwned = isOwned;
        Path = path;
        Onnx = onnx;
        this.folder = folder;
    }

    /// <summary>The file that the user named.</summary>
    public string Path { get; }

    /// <summary>The model; null for a plan.</summary>
    public OnnxModel? Onnx { get; }

    /// <summary>A model that is open, and stays the caller's.</summary>
    public static ComparedModel Over(OnnxModel onnx) => new(onnx.Source, onnx, null, isOwned: false);

    /// <summary>Opens a file.</summary>
    /// <param name="path">An ONNX model, weights or a plan.</param>
    /// <param name="architecture">The name of a model builder for weights; null: recognised.</param>
    public static ComparedModel Open(string path, string? architecture)
    {
        switch (ModelLoading.Kind(path))
        {
            case Framework.Plan:
                return new ComparedModel(path, null, null);
            case Framework.Onnx:
                return new ComparedModel(path, OnnxModel.Load(path), null);
            default:
                string folder = Directory.CreateTempSubdirectory("trt-compare-").FullName;
                try
                {
                    string file = System.IO.Path.Combine(folder, "model.onnx");
                    using WeightsMap weights = WeightsMap.Open(path);
                    IModelBuilder builder = architecture is not null ? ModelLoading.Architecture(architecture)
                        : ModelBuilders.Find(weights) ?? throw new UserError($"{path}: no architecture recognises these weights. Name one with --architecture, or compare the ONNX model.");
                    OnnxExporter.FromWeights(builder, weights, file);
                    return new ComparedModel(path, OnnxModel.Load(file), folder);
                }
                catch
                {
                    Directory.Delete(folder, recursive: true);
                    throw;
                }
        }
    }

    /// <summary>The model, changed or not, as one block of bytes with all weights.</summary>
    public byte[] Bytes => bytes ??= Onnx!.ToArray();

    /// <summary>Changes the model for all that open it later.</summary>
    public void Change(Action<OnnxModel> change)
    {
        change(Onnx!);
        bytes = null;
    }

    public void Dispose()
    {
        if (isOwned)
        {
            Onnx?.Dispose();
        }

        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

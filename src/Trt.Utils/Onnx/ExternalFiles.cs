using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Files with external data, mapped when the first tensor of each is read. Shared by the models that came from one file; the last of them closes it. Thread-safe.</summary>
/// <param name="source">The model's path, for messages.</param>
/// <param name="folder">The model's folder, or null when it has none.</param>
/// <param name="realFolder">Where the model's file really lies when its path is a link.</param>
internal sealed class ExternalFiles(string source, string? folder, string? realFolder)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, MappedFile> files = new(StringComparer.Ordinal);
    private int users;

    public void Acquire()
    {
        lock (gate)
        {
            users++;
        }
    }

    public void Release()
    {
        lock (gate)
        {
            if (--users > 0)
            {
                return;
            }

            foreach (MappedFile file in files.Values)
            {
                file.Dispose();
            }

            files.Clear();
        }
    }

    /// <summary>The file of a location; it stays open while there are users.</summary>
    public MappedFile Open(string tensor, string location)
    {
        lock (gate)
        {
            if (files.TryGetValue(location, out MappedFile? open))
            {
                return open;
            }

            ObjectDisposedException.ThrowIf(users == 0, typeof(OnnxModel));
            if (folder is null)
            {
                throw new OnnxFormatException(source, $"Tensor \"{tensor}\" has its data in the file \"{location}\", but a model in memory has no folder. Load it with the folder.");
            }

            string path = ExternalDataPath.Resolve(folder, location, realFolder)
                ?? throw new OnnxFormatException(source, $"Tensor \"{tensor}\" has its data in \"{location}\", outside of the model's folder {folder}. Only files in that folder and below are read.");
            try
            {
                return files[location] = MappedFile.Open(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
            {
                throw new OnnxFormatException(source, $"The data of tensor \"{tensor}\" cannot be read: {error.Message}", error);
            }
        }
    }
}

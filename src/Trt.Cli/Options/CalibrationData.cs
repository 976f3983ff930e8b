using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>Data that a calibration is shown: a folder of pictures, or arrays.</summary>
internal sealed class CalibrationData : IDisposable
{
    private static readonly string[] Pictures = [".png", ".jpg", ".jpeg", ".pgm", ".ppm"];

    private const int UsualBatch = 32;

    private readonly NpzFile? file;

    private CalibrationData(Int8Calibration calibration, string text, int batchSize, NpzFile? file)
    {
        BatchSize = batchSize;
        Calibration = calibration;
        Text = text;
        this.file = file;
    }

    public Int8Calibration Calibration { get; }

    /// <summary>How many items are shown at a time, where the model leaves it open.</summary>
    public int BatchSize { get; }

    /// <summary>What it is, for people.</summary>
    public string Text { get; }

    /// <summary>Opens data for a model.</summary>
    /// <param name="path">A folder, or an .npz or .npy file.</param>
    /// <param name="slots">The model's inputs.</param>
    /// <param name="pictures">How pictures become values.</param>
    /// <param name="batchSize">How many items are shown at a time, where the model leaves it open; null: 32.</param>
    /// <param name="count">The most items of a folder; null: all.</param>
    /// <param name="cacheFile">Where scales are kept; null: nowhere.</param>
    /// <param name="option">The option's name, for errors.</param>
    /// <exception cref="UserError">There is no such data, or it does not fit the model.</exception>
    public static CalibrationData Open(string path, IReadOnlyList<TensorSlot> slots, PictureSettings pictures, int? batchSize, int? count, string? cacheFile, string option)
    {
        if (File.Exists(path))
        {
            return OpenArrays(path, slots, batchSize, cacheFile, option);
        }

        if (!Directory.Exists(path))
        {
            throw new UserError($"{option} {path}: there is no such folder or file.");
        }

        if (slots is not [TensorSlot slot])
        {
            throw new UserError($"{option} {path}: the model has {slots.Count} inputs, which a folder of pictures cannot serve: give an .npz file with an array for each of {string.Join(", ", slots.Select(input => $"\"{input.Name}\""))}.");
        }

        string[] files = [.. PicturesIn(path).Take(count ?? int.MaxValue)];
        if (files.Length == 0)
        {
            throw new UserError($"{option} {path}: there are no pictures in the folder ({string.Join(", ", Pictures)}).");
        }

        bool isFloating = slot.Type is TorchDType.Float32 or TorchDType.Float16 or TorchDType.BFloat16;
        Dims sample = new([.. slot.Shape.Skip(slot.Shape.Count == 4 ? 1 : 0)]);
        PictureTensor tensor;
        try
        {
            tensor = pictures.Tensor(slot.Name, isFloating ? DataType.Float : DataType.UInt8, sample);
        }
        catch (ArgumentException error)
        {
            throw new UserError($"{option} {path}: {error.Message}");
        }

        ImagePreprocessor preprocessor = pictures.Preprocessor(tensor, isFloating);
        HashSet<string> chosen = [.. files];
        int batch = batchSize ?? UsualBatch;

        // As trt build calibrates, so that its caches and those made here serve each other.
        Int8Calibration calibration = pictures is { Fit: PictureFit.Stretch, Size: null, Layout: null } && count is null
            ? Int8Calibration.FromFolder(path, pictures.Scaling, batch, cacheFile)
            : Int8Calibration.FromFolder(path, Load, chosen.Contains, batch, cacheFile);
        return new CalibrationData(calibration, $"{files.Length} pictures of {path}: {pictures.Describe(tensor, isFloating)}", batch, null);

        CalibrationTensor Load(string picture)
        {
            float[] values = new float[tensor.Channels * tensor.Size.Width * tensor.Size.Height];
            preprocessor.Apply(Image.Load(picture), values);
            Dims shape = tensor.Shape(tensor.Size.Width, tensor.Size.Height);
            return CalibrationTensor.From(values, shape.ToArray());
        }
    }

    /// <summary>An algorithm by its name.</summary>
    /// <exception cref="UserError">None has that name.</exception>
    public static CalibrationAlgoType Algorithm(string name, string option) => name.ToLowerInvariant() switch
    {
        "entropy2" => CalibrationAlgoType.EntropyCalibration2,
        "entropy" => CalibrationAlgoType.EntropyCalibration,
        "minmax" or "min-max" => CalibrationAlgoType.MinmaxCalibration,
        "legacy" => CalibrationAlgoType.LegacyCalibration,
        _ => throw new UserError($"{option} {name}: there are entropy2, minmax, entropy and legacy.", ExitCode.Usage),
    };

    /// <summary>Changes when other files, or other contents as far as lengths and times tell, are to be calibrated with.</summary>
    /// <param name="path">A folder of pictures, or a file.</param>
    public static string IdentityOf(string path)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (FileInfo entry in (Directory.Exists(path) ? PicturesIn(path) : [path]).Select(name => new FileInfo(name)))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{entry.FullName} {entry.Length} {entry.LastWriteTimeUtc.Ticks}\n")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The pictures of a folder and its subfolders, in the order of their paths.</summary>
    public static IEnumerable<string> PicturesIn(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsPicture).Order(StringComparer.Ordinal);

    /// <summary>Whether a file's name is that of a picture that can be read.</summary>
    public static bool IsPicture(string path) => Pictures.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    public void Dispose()
    {
        Calibration.Dispose();
        file?.Dispose();
    }

    private static CalibrationData OpenArrays(string path, IReadOnlyList<TensorSlot> slots, int? batchSize, string? cacheFile, string option)
    {
        NpzFile file = NpzFile.Open(path);
        try
        {
            TensorSlot? missing = slots.FirstOrDefault(slot => !file.ContainsKey(slot.Name));
            if (missing is not null)
            {
                throw new UserError($"{option} {path} has no array \"{missing.Name}\", which is an input of the model; it has {string.Join(", ", file.Keys.Take(8).Select(name => $"\"{name}\""))}.");
            }

            long items = slots.Count > 0 && file[slots[0].Name].Shape is [long first, ..] ? first : 1;
            int batch = batchSize ?? UsualBatch;
            return new CalibrationData(Int8Calibration.FromNpz(file, batch, cacheFile), $"{items} items of {path}", batch, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using Trt.Interop;

namespace Trt.Utils;

/// <content>Where the data comes from.</content>
public sealed partial class Int8Calibration
{
    /// <summary>The usual name of a cache file.</summary>
    public const string DefaultCacheFile = "model.trt.int8calibration";

    /// <summary>Calibrates with whole batches for a network of one input.</summary>
    /// <param name="batches">Batches of the input's shape, batch axis first; read once for each build.</param>
    public static Int8Calibration FromBatches(IEnumerable<CalibrationTensor> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return Batches(_ => batches.Select((batch, index) => CalibrationSample.Of(BatchLabel(index), batch)), Count(batches));
    }

    /// <summary>Calibrates with arrays of one shape for a network of one input.</summary>
    /// <typeparam name="T">float, double, Half, sbyte, byte, int, long or bool.</typeparam>
    /// <param name="batches">Each array is a batch; read once for each build.</param>
    /// <param name="shape">The shape of each, batch axis first.</param>
    public static Int8Calibration FromBatches<T>(IEnumerable<T[]> batches, params long[] shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(shape);
        return Batches(_ => batches.Select((batch, index) => Loaded(BatchLabel(index), label => CalibrationSample.Of(label, CalibrationTensor.From(batch, shape)))), Count(batches));
    }

    /// <summary>Calibrates with whole batches for a network of several inputs.</summary>
    /// <param name="batches">For each batch the tensors by input name, batch axis first; read once for each build.</param>
    public static Int8Calibration FromBatches(IEnumerable<IReadOnlyDictionary<string, CalibrationTensor>> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return Batches(_ => batches.Select((batch, index) => CalibrationSample.Of(BatchLabel(index), batch)), Count(batches));
    }

    /// <summary>Calibrates with whole batches that arrive by and by, for a network of one input.</summary>
    /// <param name="batches">As for the other overload; awaited on the thread that builds the engine.</param>
    public static Int8Calibration FromBatches(IAsyncEnumerable<CalibrationTensor> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return Batches(cancellation => batches.ToBlockingEnumerable(cancellation).Select((batch, index) => CalibrationSample.Of(BatchLabel(index), batch)), string.Empty);
    }

    /// <summary>Calibrates with whole batches that arrive by and by, for a network of several inputs.</summary>
    /// <param name="batches">As for the other overload; awaited on the thread that builds the engine.</param>
    public static Int8Calibration FromBatches(IAsyncEnumerable<IReadOnlyDictionary<string, CalibrationTensor>> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return Batches(cancellation => batches.ToBlockingEnumerable(cancellation).Select((batch, index) => CalibrationSample.Of(BatchLabel(index), batch)), string.Empty);
    }

    /// <summary>Calibrates with a set of anything and a function that makes a tensor of an item, for a network of one input.</summary>
    /// <typeparam name="TItem">What the set holds: paths, records, pictures.</typeparam>
    /// <param name="calibrationSet">The items; read once for each build.</param>
    /// <param name="loadItem">Makes an item's tensor, without batch axis.</param>
    /// <param name="maxItemShape">
    /// The greatest shape of an item, such as [C, H, W]: smaller items are filled up with zeros at the end of each axis. Null: all must have the shape of the first.
    /// </param>
    /// <param name="streamBatchSize">How many items are shown at a time, where the network does not say.</param>
    /// <param name="cacheFile">Where scales are kept for the next build; null for nowhere.</param>
    public static Int8Calibration FromItems<TItem>(
        IEnumerable<TItem> calibrationSet, Func<TItem, CalibrationTensor> loadItem, Dims? maxItemShape = null, int streamBatchSize = 100, string? cacheFile = DefaultCacheFile)
    {
        ArgumentNullException.ThrowIfNull(calibrationSet);
        ArgumentNullException.ThrowIfNull(loadItem);
        return Items(
            (_, _) => calibrationSet.Select((item, index) => Loaded(ItemLabel(item, index), label => CalibrationSample.Of(label, loadItem(item)))),
            () => Names(calibrationSet), maxItemShape, streamBatchSize, cacheFile);
    }

    /// <summary>Calibrates with a set of anything and a function that makes tensors of an item, for a network of several inputs.</summary>
    /// <typeparam name="TItem">What the set holds.</typeparam>
    /// <param name="calibrationSet">The items; read once for each build.</param>
    /// <param name="loadItem">Makes an item's tensors by input name, without batch axis.</param>
    /// <param name="streamBatchSize">How many items are shown at a time, where the network does not say.</param>
    /// <param name="cacheFile">Where scales are kept for the next build; null for nowhere.</param>
    public static Int8Calibration FromItems<TItem>(
        IEnumerable<TItem> calibrationSet, Func<TItem, IReadOnlyDictionary<string, CalibrationTensor>> loadItem, int streamBatchSize = 100, string? cacheFile = DefaultCacheFile)
    {
        ArgumentNullException.ThrowIfNull(calibrationSet);
        ArgumentNullException.ThrowIfNull(loadItem);
        return Items(
            (_, _) => calibrationSet.Select((item, index) => Loaded(ItemLabel(item, index), label => CalibrationSample.Of(label, loadItem(item)))),
            () => Names(calibrationSet), maxItemShape: null, streamBatchSize, cacheFile);
    }

    /// <summary>Calibrates with items that arrive by and by, for a network of one input.</summary>
    /// <typeparam name="TItem">What the set holds.</typeparam>
    /// <param name="calibrationSet">The items; awaited on the thread that builds the engine.</param>
    /// <param name="loadItem">Makes an item's tensor, without batch axis.</param>
    /// <param name="maxItemShape">The greatest shape of an item, as for the other overload.</param>
    /// <param name="streamBatchSize">How many items are shown at a time, where the network does not say.</param>
    /// <param name="cacheFile">Where scales are kept for the next build; null for nowhere.</param>
    public static Int8Calibration FromItems<TItem>(
        IAsyncEnumerable<TItem> calibrationSet, Func<TItem, CancellationToken, ValueTask<CalibrationTensor>> loadItem, Dims? maxItemShape = null, int streamBatchSize = 100, string? cacheFile = DefaultCacheFile)
    {
        ArgumentNullException.ThrowIfNull(calibrationSet);
        ArgumentNullException.ThrowIfNull(loadItem);
        return Items((_, cancellation) => LoadAsync(calibrationSet, loadItem, cancellation).ToBlockingEnumerable(cancellation), () => [], maxItemShape, streamBatchSize, cacheFile);
    }

    /// <summary>Calibrates with the pictures of a folder and its subfolders (.png, .jpg, .jpeg, .pgm, .ppm), in ordinal order of their paths.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="itemShape">[C, H, W], or [H, W, C] where the scaling says so, with 1 or 3 channels. Pictures are made grey or RGB and resized to it.</param>
    /// <param name="scaling">How pixels become numbers; null: 0 to 1, channels first.</param>
    /// <param name="streamBatchSize">How many pictures are shown at a time, where the network does not say.</param>
    /// <param name="cacheFile">Where scales are kept for the next build; null for nowhere.</param>
    /// <exception cref="ArgumentException">The shape is not that of a picture.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static Int8Calibration FromFolder(string folder, Dims itemShape, PixelScaling? scaling = null, int streamBatchSize = 100, string? cacheFile = DefaultCacheFile)
    {
        PictureLoader loader = new(itemShape, scaling ?? PixelScaling.ZeroToOne);
        return Folder(folder, _ => loader.Load, PictureLoader.IsPicture, loader.ToString(), streamBatchSize, cacheFile);
    }

    /// <summary>Calibrates with the pictures of a folder and its subfolders (.png, .jpg, .jpeg, .pgm, .ppm), in ordinal order of their paths, in the shape of the network's only input.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="scaling">How pixels become numbers; null: 0 to 1, channels first.</param>
    /// <param name="streamBatchSize">How many pictures are shown at a time, where the network does not say.</param>
    /// <param name="cacheFile">Where scales are kept for the next build; null for nowhere.</param>
    /// <remarks>A network with several inputs, or one that leaves height or width open, is refused when it is calibrated: give the shape there.</remarks>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static Int8Calibration FromFolder(string folder, PixelScaling? scaling = null, int streamBatchSize = 100, string? cacheFile = DefaultCacheFile)
    {
        scaling ??= PixelScaling.ZeroToOne;
        return Folder(folder, inputs => new PictureLoader(PictureShape(inputs), scaling).Load, PictureLoader.IsPicture, PictureLoader.Describe(scaling), streamBatchSize, cacheFile);
    }

    /// <summary>Calibrates with the files of a folder and its subfolders, in ordinal order of their paths.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="loadFile">Makes the tensor of a file, given its path, without batch axis.</param>
    /// <param name="filter">Which paths to take; null: all.</param>
    /// <param name="streamBatchSize">How many items are shown at a time, where the network does not say.</param>
    /// <param name="cacheFile">Where scales are kept for the next build; null for nowhere.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static Int8Calibration FromFolder(
        string folder, Func<string, CalibrationTensor> loadFile, Func<string, bool>? filter = null, int streamBatchSize = 100, string? cacheFile = DefaultCacheFile)
    {
        ArgumentNullException.ThrowIfNull(loadFile);
        return Folder(folder, _ => loadFile, filter ?? (_ => true), string.Empty, streamBatchSize, cacheFile);
    }

    /// <summary>Calibrates with arrays that hold all items.</summary>
    /// <param name="arrays">By input name, items along the first axis; arrays that are no input of the network are left out.</param>
    /// <param name="streamBatchSize">How many items are shown at a time, where the network does not say.</param>
    /// <param name="cacheFile">Where scales are kept for the next build; null for nowhere.</param>
    public static Int8Calibration FromArrays(IReadOnlyDictionary<string, CalibrationTensor> arrays, int streamBatchSize = 100, string? cacheFile = DefaultCacheFile)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        return Arrays("set", name => arrays.GetValueOrDefault(name), streamBatchSize, cacheFile);
    }

    /// <summary>Calibrates with the arrays of a NumPy archive.</summary>
    /// <param name="file">
    /// Its arrays are named like the network's inputs, items along the first axis; other arrays are left out. It must stay open until the engine is built.
    /// </param>
    /// <param name="streamBatchSize">How many items are shown at a time, where the network does not say.</param>
    /// <param name="cacheFile">Where scales are kept for the next build; null for nowhere.</param>
    public static Int8Calibration FromNpz(NpzFile file, int streamBatchSize = 100, string? cacheFile = DefaultCacheFile)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Arrays(file.Path, name => file.TryGetValue(name, out NpzArray? array) ? CalibrationTensor.From(array) : null, streamBatchSize, cacheFile);
    }

    private static Int8Calibration Batches(Func<CancellationToken, IEnumerable<CalibrationSample>> read, string identity) =>
        new(new CalibrationSource { Read = (_, cancellation) => read(cancellation), Identity = () => [identity] });

    private static Int8Calibration Items(
        Func<IReadOnlyList<CalibrationInput>, CancellationToken, IEnumerable<CalibrationSample>> read, Func<IEnumerable<string>> identity, Dims? maxItemShape, int batchSize, string? cacheFile)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (maxItemShape is { IsStatic: false } shape)
        {
            throw new ArgumentException($"The greatest shape of an item must be known in every axis; {shape} is not.", nameof(maxItemShape));
        }

        return new Int8Calibration(new CalibrationSource { Read = read, IsItems = true, BatchSize = batchSize, MaxItemShape = maxItemShape, Identity = identity }) { CacheFile = cacheFile };
    }

    /// <summary>What a network's only input takes of a picture.</summary>
    /// <exception cref="InvalidDataException">It has several inputs, or one of another or an open shape.</exception>
    private static Dims PictureShape(IReadOnlyList<CalibrationInput> inputs)
    {
        Dims shape = inputs is [{ Shape.NbDims: 4 } input] ? new Dims(input.Shape.AsSpan()[1..]) : default;
        return shape is { NbDims: 3, IsStatic: true } ? shape : throw new InvalidDataException(
            $"The network's inputs are {string.Join(", ", inputs.Select(each => $"\"{each.Name}\" {each.Shape}"))}: they do not say what shape pictures are to have. Give the shape of an item, such as [3, 224, 224].");
    }

    private static Int8Calibration Folder(
        string folder, Func<IReadOnlyList<CalibrationInput>, Func<string, CalibrationTensor>> loader, Func<string, bool> filter, string identity, int batchSize, string? cacheFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder {Path.GetFullPath(folder)} with items to calibrate with.");
        }

        return Items(
            (inputs, _) => Read(loader(inputs)),
            () => Files().Select(file => new FileInfo(file)).Select(file => string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(folder, file.FullName)} {file.Length} {file.LastWriteTimeUtc.Ticks}")).Prepend(identity),
            maxItemShape: null, batchSize, cacheFile);

        IEnumerable<CalibrationSample> Read(Func<string, CalibrationTensor> load) => Files().Select((file, index) => Loaded(ItemLabel(file, index), label => CalibrationSample.Of(label, load(file))));

        IEnumerable<string> Files() => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(filter).Order(StringComparer.Ordinal);
    }

    private static Int8Calibration Arrays(string label, Func<string, CalibrationTensor?> array, int batchSize, string? cacheFile)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return new Int8Calibration(new CalibrationSource
        {
            Read = (inputs, _) =>
            {
                Dictionary<string, CalibrationTensor> tensors = new(StringComparer.Ordinal);
                foreach (CalibrationInput input in inputs)
                {
                    if (array(input.Name) is { } tensor)
                    {
                        tensors.Add(input.Name, tensor);
                    }
                }

                return [CalibrationSample.Of(label, tensors)];
            },
            BatchSize = batchSize,
        })
        {
            CacheFile = cacheFile,
        };
    }

    private static async IAsyncEnumerable<CalibrationSample> LoadAsync<TItem>(
        IAsyncEnumerable<TItem> items, Func<TItem, CancellationToken, ValueTask<CalibrationTensor>> load, [EnumeratorCancellation] CancellationToken cancellation)
    {
        int index = 0;
        await foreach (TItem item in items.WithCancellation(cancellation).ConfigureAwait(false))
        {
            string label = ItemLabel(item, index++);
            CalibrationTensor tensor;
            try
            {
                tensor = await load(item, cancellation).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                throw Unloaded(label, error);
            }

            yield return CalibrationSample.Of(label, tensor);
        }
    }

    private static CalibrationSample Loaded(string label, Func<string, CalibrationSample> load)
    {
        try
        {
            return load(label);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw Unloaded(label, error);
        }
    }

    private static InvalidDataException Unloaded(string label, Exception error) => new($"The calibration set's {label} cannot be loaded: {error.Message}", error);

    private static string BatchLabel(int index) => string.Create(CultureInfo.InvariantCulture, $"batch {index}");

    private static string ItemLabel<TItem>(TItem item, int index)
    {
        string text = item switch { string name => name, FileSystemInfo file => file.FullName, ValueType number => number.ToString() ?? string.Empty, _ => string.Empty };
        return text.Length is 0 or > 300 ? string.Create(CultureInfo.InvariantCulture, $"item {index}") : string.Create(CultureInfo.InvariantCulture, $"item {index} ({text})");
    }

    private static IEnumerable<string> Names<TItem>(IEnumerable<TItem> items) => items is IReadOnlyCollection<TItem> ? items.Select(ItemLabel) : [];

    private static string Count<T>(IEnumerable<T> batches) => batches.TryGetNonEnumeratedCount(out int count) ? count.ToString(CultureInfo.InvariantCulture) : string.Empty;
}

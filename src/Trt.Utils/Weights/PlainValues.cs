namespace Trt.Utils;

/// <summary>Makes sure that an unpickled graph holds plain values only, none of the machine's own. Not recursive, and every container is visited once.</summary>
internal static class PlainValues
{
    public static void Check(string path, object? root)
    {
        Stack<object> open = new();
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Visit(root);
        while (open.TryPop(out object? container))
        {
            switch (container)
            {
                case TorchDictionary dictionary:
                    Visit(dictionary.Attributes);
                    foreach ((_, object? value) in dictionary)
                    {
                        Visit(value);
                    }

                    break;
                case IReadOnlyList<object?> values:
                    foreach (object? value in values)
                    {
                        Visit(value);
                    }

                    break;
            }
        }

        void Visit(object? value)
        {
            switch (value)
            {
                case TorchGlobal global:
                    throw new TorchFormatException(path, $"It holds the Python class {global.Name} as a value, which means nothing outside Python. Save the state_dict() alone.", global.Name);
                case StorageView storage:
                    throw new TorchFormatException(path, $"It holds the bare storage \"{PickleText.Shorten(storage.Storage.Key)}\". Save a tensor of it instead.");
                case TorchDictionary or List<object?> or object?[] when seen.Add(value):
                    open.Push(value);
                    break;
            }
        }
    }
}
